import { MAX_COMET_ROOMS, MAX_REPLY_BYTES, MAX_ROOMS_REPLY_BYTES } from '../../lib/domain/limits.ts';
import { doneOf, isCount, jsonOf, roomsOf } from '../answers.ts';
import type { Check, Finding } from '../check.ts';
import type { Seen } from '../gateway.ts';
import { isEncoding, wordsOf } from '../http.ts';

/** Of docs/comet-api.yaml. */
const STATUSES: Readonly<Record<Seen['path'], readonly number[]>> = {
  '/v1/ops': [200, 400, 401, 413, 429, 503],
  '/v1/rooms': [200, 304, 401],
};

const isBusy = ({ answer }: Seen): boolean => answer.status === 429 || answer.status === 503;

const isReadable = ({ answer }: Seen): boolean => {
  const { 'retry-after': said = '0' } = answer.headers;
  return /^\d+$/.test(said) || new Date(said).toUTCString() === said;
};

const isTooLarge = ({ path, answer }: Seen): boolean =>
  path === '/v1/ops'
    ? Buffer.byteLength(answer.text) > MAX_REPLY_BYTES
    : Buffer.byteLength(answer.text) > MAX_ROOMS_REPLY_BYTES ||
      (roomsOf(answer)?.length ?? 0) > MAX_COMET_ROOMS;

const isEncoded = ({ answer }: Seen): boolean => {
  const { 'content-encoding': encoding = 'identity' } = answer.headers;
  return encoding !== 'identity' && !isEncoding(encoding);
};

/** Undefined: it is no answer that refuses something. */
const refusedIn = ({ path, answer }: Seen): unknown => {
  if (path !== '/v1/ops' || answer.status !== 200) return undefined;
  const { refused } = (jsonOf(answer) ?? {}) as { refused?: unknown };
  return Array.isArray(refused) && refused.length === 0 ? undefined : (refused ?? undefined);
};

const isRefusal = (value: unknown, done: number): boolean => {
  const { index, reason } = (value ?? {}) as { index?: unknown; reason?: unknown };
  return isCount(index) && index < done && typeof reason === 'string';
};

const isOddRefusal = (seen: Seen): boolean => {
  const refused = refusedIn(seen);
  const done = doneOf(seen.answer, Number.POSITIVE_INFINITY) ?? 0;
  return refused !== undefined && !(Array.isArray(refused) && refused.every((one) => isRefusal(one, done)));
};

const findingOf = (
  odd: Seen | undefined,
  came: (odd: Seen) => string,
  wanted: (odd: Seen) => string,
): Finding | undefined =>
  odd === undefined
    ? undefined
    : { sent: `${odd.path}, one of the requests`, came: came(odd), wanted: wanted(odd) };

/** What all answers have in common: the last checks. */
export const afterwardChecks: readonly Check[] = [
  {
    id: 'statuses',
    says: 'each answer has a status that the API has, and is no redirect',
    run: async ({ seen }) =>
      findingOf(
        seen.find(({ path, answer }) => !STATUSES[path].includes(answer.status)),
        ({ answer }) => wordsOf(answer),
        ({ path }) => `one of ${STATUSES[path].join(', ')}`,
      ),
  },
  {
    id: 'encoding',
    says: 'an answer is plain, gzip, deflate or br',
    run: async ({ seen }) =>
      findingOf(
        seen.find(isEncoded),
        ({ answer }) => `Content-Encoding: ${answer.headers['content-encoding']}`,
        () => 'none, gzip, deflate or br',
      ),
  },
  {
    id: 'answer-size',
    says: 'an answer has at most 1 MiB for ops, 16 MiB and a million names for rooms',
    run: async ({ seen }) =>
      findingOf(
        seen.find(isTooLarge),
        ({ answer }) => `${Buffer.byteLength(answer.text)} bytes`,
        ({ path }) => `at most ${path === '/v1/ops' ? MAX_REPLY_BYTES : MAX_ROOMS_REPLY_BYTES} bytes`,
      ),
  },
  {
    id: 'refused',
    says: 'an op that is refused is one before `done`, and has a reason',
    run: async ({ seen }) =>
      seen.every((one) => refusedIn(one) === undefined)
        ? 'it refused nothing'
        : findingOf(
            seen.find(isOddRefusal),
            ({ answer }) => wordsOf(answer),
            () => '{"done":1,"refused":[{"index":0,"reason":"…"}]}',
          ),
  },
  {
    id: 'retry-after',
    says: 'Retry-After of a 429 or 503 is a number of seconds or a date of HTTP',
    run: async ({ seen }) =>
      seen.some(isBusy)
        ? findingOf(
            seen.find((one) => isBusy(one) && !isReadable(one)),
            ({ answer }) => `${answer.status}, Retry-After: ${answer.headers['retry-after']}`,
            () => 'Retry-After: 2',
          )
        : 'it never said 429 or 503',
  },
];
