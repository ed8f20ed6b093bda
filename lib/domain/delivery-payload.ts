import { type Chunk, encodeChunk } from './batch.ts';
import type { Comet } from './fleet.ts';
import type { Op } from './op.ts';
import { DELIVERED, type Dropped, type Outcome, type UndeliveredCode } from './outcome.ts';

/** Written by `dispatch`, read by `deliver`; a reader takes this version and the one before. */
const PAYLOAD_VERSION = 1;

export interface DeliveryPayload {
  readonly comet: Comet;
  /** How long the ops may take, ms: a duration, because two sandboxes' clocks differ. */
  readonly timeoutMs: number;
  readonly ops: readonly Op[];
}

/** `deliver`'s answer: what was not delivered, by index; `count` proves that it speaks of all ops. */
export interface DeliveryReply {
  readonly v: number;
  readonly count: number;
  readonly dropped: readonly (Dropped & { readonly index: number })[];
  readonly undelivered: readonly { index: number; code: UndeliveredCode }[];
}

/** JSON in UTF-8. */
export const encodeDelivery = ({ id, addresses }: Comet, timeoutMs: number, chunk: Chunk): Buffer => {
  const envelope = JSON.stringify({ v: PAYLOAD_VERSION, comet: { id, addresses }, timeoutMs });
  return encodeChunk(`${envelope.slice(0, -1)},"ops":`, chunk, '}');
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');

const hasTarget = (op: Record<string, unknown>): boolean => {
  switch (op['type']) {
    case 'push':
      return isStrings(op['keys']);
    case 'room':
      return typeof op['room'] === 'string';
    case 'all':
      return typeof op['speed'] === 'number';
    default:
      return false;
  }
};

const isOp = (value: unknown): value is Op =>
  isObject(value) &&
  typeof value['id'] === 'string' &&
  typeof value['body'] === 'string' &&
  Number.isInteger(value['operation']) &&
  Number.isSafeInteger(value['timestamp']) &&
  hasTarget(value);

const cometOf = (value: unknown): Comet | undefined =>
  isObject(value) && typeof value['id'] === 'string' && isStrings(value['addresses'])
    ? { id: value['id'], addresses: value['addresses'] }
    : undefined;

/** The payload, or what is wrong with it; `newer` comes from a later deploy, so its reader is to be waited for. */
export const decodeDelivery = (value: unknown): DeliveryPayload | { problem: string; newer: boolean } => {
  const wrong = (problem: string, newer = false) => ({ problem, newer });
  if (!isObject(value)) return wrong('it is not an object');
  const { v, timeoutMs, ops } = value;
  if (typeof v === 'number' && v > PAYLOAD_VERSION)
    return wrong(`version ${v} is newer than ${PAYLOAD_VERSION}`, true);
  if (v !== PAYLOAD_VERSION) return wrong('v is missing or unknown');
  const comet = cometOf(value['comet']);
  if (comet === undefined) return wrong('comet has no id or no addresses');
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) return wrong('timeoutMs is not above 0');
  if (!Array.isArray(ops)) return wrong('ops is not a list');
  const bad = ops.findIndex((op) => !isOp(op));
  return bad === -1 ? { comet, timeoutMs, ops: ops as Op[] } : wrong(`op ${bad} is not of the form of an op`);
};

export const encodeOutcomes = (outcomes: readonly Outcome[]): DeliveryReply => {
  const dropped: (Dropped & { readonly index: number })[] = [];
  const undelivered: { index: number; code: UndeliveredCode }[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    switch (outcome.status) {
      case 'delivered':
        break;
      case 'dropped': {
        const { status: _known, ...drop } = outcome;
        dropped.push({ index, ...drop });
        break;
      }
      case 'undelivered':
        undelivered.push({ index, code: outcome.code });
    }
  }
  return { v: PAYLOAD_VERSION, count: outcomes.length, dropped, undelivered };
};

const isIndex = (value: unknown, count: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < count;

const isExceptions = (list: unknown, name: 'reason' | 'code', count: number): boolean =>
  Array.isArray(list) &&
  list.every((item) => isObject(item) && isIndex(item['index'], count) && typeof item[name] === 'string');

const isReply = (value: unknown, count: number): value is DeliveryReply =>
  isObject(value) &&
  value['v'] === PAYLOAD_VERSION &&
  value['count'] === count &&
  isExceptions(value['dropped'], 'reason', count) &&
  isExceptions(value['undelivered'], 'code', count);

/** One outcome an op, or undefined if the answer does not speak of exactly `count` ops. */
export const decodeOutcomes = (value: unknown, count: number): Outcome[] | undefined => {
  if (!isReply(value, count)) return undefined;
  const outcomes: Outcome[] = new Array(count).fill(DELIVERED);
  for (const { index, ...drop } of value.dropped) outcomes[index] = { status: 'dropped', ...drop };
  for (const { index, code } of value.undelivered) outcomes[index] = { status: 'undelivered', code };
  return outcomes;
};
