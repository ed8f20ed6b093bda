import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeOp } from '../../lib/domain/batch.ts';
import {
  decodeDelivery,
  decodeOutcomes,
  encodeDelivery,
  encodeOutcomes,
} from '../../lib/domain/delivery-payload.ts';
import type { Outcome } from '../../lib/domain/outcome.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { isWholeOp, op } from './ops.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';
import { DROP_REASONS, UNDELIVERED_CODES } from './undelivered-codes.ts';

type Fields = Readonly<Record<string, unknown>>;
const ownFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const isOneOf = (list: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && list.includes(value);
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
const textsOf = (value: unknown): string[] => (isTexts(value) ? (value as string[]) : []);

const parsed = (texts: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc
    .oneof({ weight: 9, arbitrary: texts }, { weight: 1, arbitrary: anyJson })
    .map((text): unknown => JSON.parse(text));

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant<Outcome>({ status: 'delivered' }),
  fc.constantFrom(...UNDELIVERED_CODES).map((code): Outcome => ({ status: 'undelivered', code })),
  fc
    .record(
      { reason: fc.constantFrom(...DROP_REASONS), detail: fc.string(), keys: fc.array(fc.string()) },
      { requiredKeys: ['reason'] },
    )
    .map((drop): Outcome => ({ status: 'dropped', ...drop })),
);
const replies = fc.array(outcome, { maxLength: 6 }).chain((outcomes) =>
  fc.record({
    outcomes: fc.constant(outcomes),
    json: parsed(oddJson(fc.constant(encodeOutcomes(outcomes)))),
    count: fc.oneof(
      { weight: 9, arbitrary: fc.constant(outcomes.length) },
      { weight: 1, arbitrary: fc.nat(7) },
    ),
  }),
);

const isDrop = ({ reason, detail, keys }: Fields): boolean =>
  isOneOf(DROP_REASONS, reason) &&
  (detail === undefined || typeof detail === 'string') &&
  (keys === undefined || isTexts(keys));

/** One exception, or undefined if its form or its reason is not a stated one. */
const exceptionOf = (
  status: 'dropped' | 'undelivered',
  value: unknown,
): { index: unknown; outcome: Outcome } | undefined => {
  const item = ownFields(value);
  const { index, reason, detail, keys, code } = item;
  const isStated = status === 'dropped' ? isDrop(item) : isOneOf(UNDELIVERED_CODES, code);
  const outcome = status === 'dropped' ? { status, reason, detail, keys } : { status, code };
  return isStated ? { index, outcome: outcome as Outcome } : undefined;
};

/** One outcome an op; undefined if the answer is of another form, or says two things of one op. */
const outcomesOf = (json: unknown, count: number): Outcome[] | undefined => {
  const { v, count: said, dropped, undelivered } = ownFields(json);
  if (v !== 1 || said !== count || !Array.isArray(dropped) || !Array.isArray(undelivered)) return undefined;
  const exceptions = [
    ...dropped.map((item) => exceptionOf('dropped', item)),
    ...undelivered.map((item) => exceptionOf('undelivered', item)),
  ];
  const outcomes: Outcome[] = Array.from({ length: count }, () => ({ status: 'delivered' }));
  for (const exception of exceptions) {
    const index = exception?.index;
    if (typeof index !== 'number' || outcomes[index]?.status !== 'delivered') return undefined;
    outcomes[index] = exception?.outcome as Outcome;
  }
  return outcomes;
};

it(
  'a delivery’s answer gives each op the one outcome that it says, with a stated reason, or is not believed',
  () =>
    fuzz('delivery reply', replies, ({ json, count }) => {
      expect(decodeOutcomes(json, count)).toEqual(outcomesOf(json, count));
      return ownFields(json)['v'] === 1;
    }),
  FUZZ_TIMEOUT_MS,
);

const comet = { id: 'comet-1', addresses: ['grpc://127.0.0.1:3109', 'http://127.0.0.1:3110'] };
const payload = fc.array(op, { minLength: 1, maxLength: 4 }).map((ops): unknown => {
  const encoded = ops.map(encodeOp);
  const bytes = encoded.reduce((sum, one) => sum + one.bytes + 1, 0);
  return JSON.parse(encodeDelivery(comet, 5_000, { ops: encoded, bytes }).toString());
});

/** Whether `deliver` can do what it says; its ops, and none besides, must come out as they are. */
const isPayload = ({ v, comet: to, timeoutMs, ops }: Fields): boolean => {
  const { id, addresses } = ownFields(to);
  const isComet = typeof id === 'string' && textsOf(addresses).length > 0;
  // A timer takes whole ms.
  const isTime = Number.isInteger(timeoutMs) && (timeoutMs as number) > 0;
  return v === 1 && isComet && isTime && Array.isArray(ops) && ops.every(isWholeOp);
};

it(
  'a delivery’s payload is read as it stands, or has a problem, and a newer one is to be waited for',
  () =>
    fuzz('delivery payload', parsed(oddJson(payload)), (json) => {
      const { v, timeoutMs, ops, comet: to } = ownFields(json);
      const decoded = decodeDelivery(json);
      if ('problem' in decoded) {
        expect(decoded.newer).toBe(typeof v === 'number' && v > 1);
        expect(isPayload(ownFields(json))).toBe(false);
      } else {
        expect(isPayload(ownFields(json))).toBe(true);
        const { id, addresses } = ownFields(to);
        expect(decoded).toEqual({ comet: { id, addresses }, timeoutMs, ops });
      }
      return v === 1;
    }),
  FUZZ_TIMEOUT_MS,
);
