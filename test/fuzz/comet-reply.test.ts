import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readOpsReply } from '../../lib/comet/http/reply.ts';
import { ServiceError } from '../../lib/errors.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { httpAnswers, jsonOf } from './comet-answers.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const OPS_SENT = 8;
/** Some are cut, between two halves of a character. */
const reason = fc.oneof(
  { weight: 9, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.constantFrom(`a${'😀'.repeat(200)}`, 'x'.repeat(300), '\ud800') },
);
const reply = fc.record(
  {
    done: fc.nat(OPS_SENT + 1),
    refused: fc.array(fc.record({ index: fc.nat(OPS_SENT), reason }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: ['done'] },
);
const text = fc.oneof({ weight: 9, arbitrary: oddJson(reply) }, { weight: 1, arbitrary: anyJson });
const body = fc.oneof(
  { weight: 5, arbitrary: text.map((json) => Buffer.from(json)) },
  { weight: 2, arbitrary: broken(text.map((json) => Buffer.from(json))) },
  { weight: 1, arbitrary: randomBytes },
);

type Fields = Readonly<Record<string, unknown>>;
const ownFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const isBelow = (value: unknown, end: number): value is number =>
  typeof value === 'number' && Array.from({ length: end }, (_, index) => index).includes(value);

/** Undefined if it does not speak of ops that were sent. */
const opsReplyOf = (json: unknown): { done: number; refused: Fields[] } | undefined => {
  const { done, refused: given = [] } = ownFields(json);
  const refused = given ?? [];
  if (!isBelow(done, OPS_SENT + 1) || !Array.isArray(refused)) return undefined;
  const all = refused.map(ownFields);
  return all.every(({ index, reason }) => isBelow(index, done) && typeof reason === 'string')
    ? { done, refused: all }
    : undefined;
};

it(
  'an answer of /v1/ops settles exactly the ops that it names, or is COMET_REPLY_MALFORMED',
  () =>
    fuzz('comet-reply, HTTP', httpAnswers(body), (answer) => {
      const json = jsonOf(answer);
      const expected = opsReplyOf(json);
      try {
        const { done, refused } = readOpsReply(answer, OPS_SENT);
        expect(done).toEqual(expected?.done);
        expect(refused.map(({ index }) => index)).toEqual(expected?.refused.map(({ index }) => index));
        for (const [place, { reason }] of refused.entries()) {
          expect(reason.length).toBeLessThanOrEqual(256);
          // It goes into a table, which takes UTF-8 only.
          expect(reason.isWellFormed()).toBe(true);
          expect(
            `${expected?.refused[place]?.['reason']}`.toWellFormed().startsWith(reason.slice(0, -1)),
          ).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        expect(error).toMatchObject({ code: 'COMET_REPLY_MALFORMED', retryable: true });
        expect(expected).toBeUndefined();
      }
      return json !== undefined;
    }),
  FUZZ_TIMEOUT_MS,
);
