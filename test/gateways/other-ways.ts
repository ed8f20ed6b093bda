import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Op } from '../../gateway-check/ops.ts';
import { type Answered, done, type Fault, status } from './faulty-gateway.ts';

const SKIPPED = ['refused', 'retry-after'];

const compress = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
};
const ENCODINGS = Object.keys(compress) as (keyof typeof compress)[];

/** Each answer in another way. */
const compresses = (): Fault => {
  let count = 0;
  return async (_, forward) => {
    const { body, ...answer } = await forward();
    const encoding = ENCODINGS[count++ % ENCODINGS.length] ?? 'gzip';
    if (body.length === 0) return { ...answer, body };
    return {
      ...answer,
      body: compress[encoding](body),
      headers: { ...answer.headers, 'content-encoding': encoding },
    };
  };
};

const withBody = (answer: Answered, body: unknown): Answered =>
  answer.status === 200 ? { ...answer, body: JSON.stringify(body) } : answer;

/** Writes an empty list as Go does. */
const writesNull: Fault = async ({ path, ops }, forward) => {
  const answer = await forward();
  if (path === '/v1/ops') return withBody(answer, { done: ops.length, refused: null });
  return `${answer.body}`.includes('[]') ? withBody(answer, { rooms: null }) : answer;
};

const MOST = 300;
const doesSome: Fault = async ({ ops }, forward) => {
  if (ops.length <= MOST) return await forward();
  const answer = await forward({ ops: ops.slice(0, MOST) });
  return answer.status === 200 ? done(MOST) : answer;
};

/** When a check asks for the first time. */
const isBusyAtFirst = (): Fault => {
  const known = new Set<string | undefined>();
  return async ({ path, check, isSentinel }, forward) => {
    if (path !== '/v1/ops' || isSentinel || known.has(check)) return await forward();
    const isFirst = known.size === 0;
    known.add(check);
    return status(429, isFirst ? { 'retry-after': new Date(Date.now() + 1000).toUTCString() } : {});
  };
};

const dropsRepeats = (): Fault => {
  const seen = new Set<string>();
  const nameOf = ({ id, timestamp }: Op): string => `${id} ${timestamp}`;
  return async ({ ops }, forward) => {
    const fresh = ops.filter((op) => !seen.has(nameOf(op)));
    const answer = await (fresh.length === ops.length ? forward() : forward({ ops: fresh }));
    if (answer.status !== 200 || ops.length === 0) return answer;
    for (const op of ops) seen.add(nameOf(op));
    return done(ops.length);
  };
};

const hasNoEtag: Fault = async ({ headers: { 'if-none-match': _, ...headers } }, forward) => {
  const { headers: { etag, ...given } = {}, ...answer } = await forward({ headers });
  return { ...answer, headers: given };
};

/** Gateways that are right in another way than the reference comet. */
export const otherWays: readonly {
  readonly does: string;
  readonly makeFault: () => Fault;
  readonly skipped: readonly string[];
}[] = [
  { does: 'compresses its answers', makeFault: compresses, skipped: SKIPPED },
  { does: 'writes null for an empty list', makeFault: () => writesNull, skipped: SKIPPED },
  {
    does: `does ${MOST} ops of a request and leaves the others`,
    makeFault: () => doesSome,
    skipped: SKIPPED,
  },
  { does: 'is busy at first', makeFault: isBusyAtFirst, skipped: ['refused'] },
  { does: 'drops what comes again', makeFault: dropsRepeats, skipped: SKIPPED },
  {
    does: 'gives its list no ETag',
    makeFault: () => hasNoEtag,
    skipped: ['rooms-unchanged', 'rooms-changed', ...SKIPPED],
  },
];
