import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Scope } from '../../lib/comet/calls/scope.ts';
import type { CometError } from '../../lib/comet/error.ts';
import { ask } from '../../lib/comet/grpc/answer.ts';
import { readReply } from '../../lib/comet/grpc/reply.ts';
import type { Op } from '../../lib/domain/op.ts';
import type { UndeliveredCode } from '../../lib/domain/outcome.ts';
import type { Headers } from '../../lib/h2/headers.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const WORDS = [
  'signal channel full, msg dropped',
  'signal%20channel%20full%2C%20msg%20dropped',
  'rpc pushmsg arg error',
  'rpc broadcast  room arg error',
  'rpc broadcast arg error',
  'key k1 is secret',
  '%',
  '%ff',
];
const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
const grpcStatus = fc.oneof(
  fc.constantFrom<string | undefined>('0', '0', '2', '3', '4', '14', '00', '999'),
  fc.constantFrom<string | undefined>(undefined, '', '-1', '0, 0', ' 0', '1000', '٣', '0x0', 'OK'),
);
const status = fc.record({
  'grpc-status': grpcStatus,
  'grpc-message': fc.oneof(fc.constantFrom(...WORDS), fc.string(), fc.constant(undefined)),
});
const head = fc.record({
  ':status': mostly<number | undefined>(200, 429, 503, 500, 204, 302, undefined),
  'content-type': mostly<string | undefined>(
    'application/grpc',
    'application/grpc+proto',
    'text/html',
    'application/json',
    '',
    undefined,
  ),
});
const whole = fc.constantFrom('0000000000', '00000000020801').map((hex) => Buffer.from(hex, 'hex'));
const grpcAnswers = fc.record({
  headers: head,
  status,
  where: fc.constantFrom('trailers', 'trailers', 'headers', 'nowhere'),
  frame: fc.oneof(
    { weight: 3, arbitrary: whole },
    { weight: 2, arbitrary: broken(whole) },
    { weight: 1, arbitrary: randomBytes },
  ),
  type: fc.constantFrom<Op['type']>('push', 'room', 'all'),
  body: mostly('eA==', '\u212a\u212a\u212a\u212a'),
});
type GrpcAnswer = typeof grpcAnswers extends fc.Arbitrary<infer T> ? T : never;

const opOf = ({ type, body: base64 }: GrpcAnswer): Op => {
  const base = { id: 't/0/1', operation: 1000, body: base64, timestamp: 5 };
  switch (type) {
    case 'push':
      return { ...base, type, keys: ['k1'] };
    case 'room':
      return { ...base, type, room: 'r1' };
    case 'all':
      return { ...base, type, speed: 0 };
  }
};

const wordsOf = (words = ''): string => {
  try {
    return decodeURIComponent(words);
  } catch {
    return words;
  }
};

const isOneMessage = (frame: Buffer): boolean => {
  const hex = frame.toString('hex');
  return (
    hex.startsWith('00') && hex.length >= 10 && Number.parseInt(hex.slice(2, 10), 16) === frame.length - 5
  );
};

const headersOf = ({
  ':status': httpStatus,
  ...fields
}: Readonly<Record<string, string | number | undefined>>): Headers => ({
  status: Number(httpStatus ?? 0),
  fields: new Map(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]])),
  ),
  isMalformed: false,
});

const failed = (code: UndeliveredCode) => ({ kind: 'failed', why: { code } });

/** By gRPC's status: what a comet's answer means. */
const byStatus = ({ type, frame, status: { 'grpc-status': code, 'grpc-message': encoded } }: GrpcAnswer) => {
  const words = wordsOf(encoded);
  const number = Number(code);
  if (number === 0) return isOneMessage(frame) ? { kind: 'taken' } : failed('COMET_REPLY_MALFORMED');
  if (type === 'push' && words === WORDS[0]) return { kind: 'full' };
  if (number === 3 || WORDS.slice(2, 5).includes(words))
    return { kind: 'refused', detail: `the comet answered status ${number}` };
  if (number === 14) return failed('COMET_BUSY');
  return failed(number === 4 ? 'COMET_TIMEOUT' : 'COMET_STATUS');
};

const expectedOf = (answer: GrpcAnswer) => {
  const { headers, where, body: base64 } = answer;
  // It cannot be asked.
  if (base64 !== 'eA==') return failed('COMET_STATUS');
  const http = headers[':status'];
  if (http !== 200) return failed(http === 429 || http === 503 ? 'COMET_BUSY' : 'COMET_STATUS');
  const isGrpc = headers['content-type']?.startsWith('application/grpc') === true;
  const isStatus = /^[0-9]{1,3}$/.test(answer.status['grpc-status'] ?? '');
  return isGrpc && isStatus && where !== 'nowhere' ? byStatus(answer) : failed('COMET_REPLY_MALFORMED');
};

it(
  'a gRPC answer is taken only with status OK and one whole message, and any other has its kind and code',
  () =>
    fuzz('comet-reply, gRPC', grpcAnswers, async (answer) => {
      const { headers, status: said, where, frame } = answer;
      const trailers = where === 'headers' ? undefined : headersOf(where === 'trailers' ? said : {});
      const all = headersOf(where === 'headers' ? { ...headers, ...said } : headers);
      const noted: UndeliveredCode[] = [];
      const scope = { failed: ({ code }: CometError) => noted.push(code) } as unknown as Scope;
      const unary = async (makeRequest: () => unknown) => {
        makeRequest();
        return readReply(all, trailers, frame);
      };
      const pace = { turn: async () => {}, answered: () => {} };
      const answered = await ask({ calls: { unary, close: () => {} }, pace }, [opOf(answer)], scope);
      expect(answered).toMatchObject(expectedOf(answer));
      expect(noted).toEqual(answered.kind === 'failed' ? [answered.why.code] : []);
      return answered.kind !== 'failed' || answered.why.code !== 'COMET_REPLY_MALFORMED';
    }),
  FUZZ_TIMEOUT_MS,
);
