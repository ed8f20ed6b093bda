import { deflateRawSync, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_TURN_BYTES } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import { decodeRun, encodeRun } from '../../lib/store/run-codec.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { isWholeOp, op } from './ops.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const run = fc.record({ v: fc.constant(1), ops: fc.array(op, { minLength: 1, maxLength: 4 }) });
const ops = run.map((one) => one.ops);
const deflated = (texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  texts.map((text) => deflateSync(text));
const ALL_OP: Op = { id: 't/0/1', type: 'all', speed: 0, operation: 1000, body: 'eA==', timestamp: 5 };
/** A few KB that inflate to too much. */
const BOMBS = [
  `{"v":1,"ops":[${' '.repeat(MAX_TURN_BYTES)}${JSON.stringify(ALL_OP)}]}`,
  '['.repeat(100_000),
].map((text) => deflateSync(text));
const inputs = fc.oneof(
  { weight: 20, arbitrary: ops.map(encodeRun) },
  { weight: 60, arbitrary: deflated(oddJson(run)) },
  { weight: 20, arbitrary: broken(ops.map(encodeRun)) },
  {
    weight: 10,
    arbitrary: broken(oddJson(run).map((text) => Buffer.from(text))).map((text) => deflateSync(text)),
  },
  { weight: 10, arbitrary: deflated(anyJson) },
  { weight: 4, arbitrary: oddJson(run).map((text) => deflateRawSync(text)) },
  { weight: 4, arbitrary: randomBytes },
  { weight: 1, arbitrary: fc.constantFrom(...BOMBS, deflateSync(JSON.stringify({ v: 1, ops: [] }))) },
);

/** Undefined: no deflated JSON in UTF-8 within the limit. */
const jsonOf = (bytes: Buffer): unknown => {
  try {
    const text = inflateSync(bytes);
    if (text.length > MAX_TURN_BYTES) return undefined;
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text));
  } catch {
    return undefined;
  }
};
const own = (json: unknown, name: string): unknown =>
  typeof json === 'object' && json !== null && Object.hasOwn(json, name)
    ? (json as Record<string, unknown>)[name]
    : undefined;

/** An op whose id tells its place in the log. */
const isPlaced = (one: Op): boolean => /^[^/]+\/\d+\/\d+$/.test(one.id);
const isOps = (list: unknown): list is Op[] =>
  Array.isArray(list) && list.length > 0 && list.every(isWholeOp) && (list as Op[]).every(isPlaced);

it(
  'a parked run is read as it stands, or has a problem, and a newer one is to be waited for',
  () =>
    fuzz('parked-run', inputs, (bytes) => {
      const json = jsonOf(bytes);
      const [v, list] = [own(json, 'v'), own(json, 'ops')];
      const decoded = decodeRun(bytes);
      if ('problem' in decoded) {
        expect(decoded.newer).toBe(typeof v === 'number' && v > 1);
        expect(v === 1 && isOps(list)).toBe(false);
      } else {
        expect(v === 1 && isOps(list)).toBe(true);
        expect(decoded).toEqual({ ops: list });
      }
      return json !== undefined;
    }),
  FUZZ_TIMEOUT_MS,
);

it('a run of any ops is read as it was written', () =>
  fuzz('parked-run, whole', ops, (own) => {
    expect(decodeRun(encodeRun(own))).toEqual({ ops: own });
    return true;
  }));
