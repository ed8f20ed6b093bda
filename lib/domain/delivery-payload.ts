import { type Allocate, type Chunk, encodeBlocks, encodeChunk } from './batch.ts';
import type { Comet } from './fleet.ts';
import type { Op } from './op.ts';
import {
  DELIVERED,
  type Dropped,
  isDropReason,
  isUndeliveredCode,
  type Outcome,
  type UndeliveredCode,
  undelivered as undeliveredOp,
} from './outcome.ts';

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
  readonly undelivered: readonly { index: number; code: UndeliveredCode; retryAfterMs?: number }[];
}

const headOf = ({ id, addresses }: Comet, timeoutMs: number): string =>
  `${JSON.stringify({ v: PAYLOAD_VERSION, comet: { id, addresses }, timeoutMs }).slice(0, -1)},"ops":`;

/** JSON in UTF-8. */
export const encodeDelivery = (comet: Comet, timeoutMs: number, chunk: Chunk): Buffer =>
  encodeChunk(headOf(comet, timeoutMs), chunk, '}');

/** The same block by block, as `encodeBlocks` makes them. */
export const encodeDeliveryBlocks = (
  comet: Comet,
  timeoutMs: number,
  chunk: Chunk,
  maxBytes: number,
  allocate: Allocate,
): Generator<Buffer> => encodeBlocks(headOf(comet, timeoutMs), chunk, '}', maxBytes, allocate);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isInt32 = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value;

const hasTarget = (op: Record<string, unknown>): boolean => {
  switch (op['type']) {
    case 'push':
      return isStrings(op['keys']) && op['keys'].every(isName);
    case 'room':
      return isName(op['room']);
    case 'all':
      return isInt32(op['speed']) && op['speed'] >= 0;
    default:
      return false;
  }
};

export const isOp = (value: unknown): value is Op =>
  isObject(value) &&
  typeof value['id'] === 'string' &&
  typeof value['body'] === 'string' &&
  isInt32(value['operation']) &&
  Number.isSafeInteger(value['timestamp']) &&
  hasTarget(value);

/** A timer takes whole ms. */
const isDuration = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

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
  if (!isDuration(timeoutMs)) return wrong('timeoutMs is not a whole number above 0');
  if (!Array.isArray(ops)) return wrong('ops is not a list');
  const bad = ops.findIndex((op) => !isOp(op));
  return bad === -1 ? { comet, timeoutMs, ops: ops as Op[] } : wrong(`op ${bad} is not of the form of an op`);
};

export const encodeOutcomes = (outcomes: readonly Outcome[]): DeliveryReply => {
  const dropped: (Dropped & { readonly index: number })[] = [];
  const undelivered: { index: number; code: UndeliveredCode; retryAfterMs?: number }[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    switch (outcome.status) {
      case 'delivered':
        break;
      case 'dropped': {
        const { status: _known, ...drop } = outcome;
        dropped.push({ index, ...drop });
        break;
      }
      case 'undelivered': {
        // The detail stands in the log of `deliver`.
        const { status: _known, detail: _logged, ...failure } = outcome;
        undelivered.push({ index, ...failure });
      }
    }
  }
  return { v: PAYLOAD_VERSION, count: outcomes.length, dropped, undelivered };
};

const isIndex = (value: unknown, count: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < count;

const isDrop = ({ reason, detail, keys }: Record<string, unknown>): boolean =>
  isDropReason(reason) &&
  (detail === undefined || typeof detail === 'string') &&
  (keys === undefined || (Array.isArray(keys) && keys.every((key) => typeof key === 'string')));

const isFailure = ({ code, retryAfterMs }: Record<string, unknown>): boolean =>
  isUndeliveredCode(code) && (retryAfterMs === undefined || isDuration(retryAfterMs));

type IsException = (item: Record<string, unknown>) => boolean;
const isExceptions = (list: unknown, isException: IsException, count: number): boolean =>
  Array.isArray(list) &&
  list.every((item) => isObject(item) && isIndex(item['index'], count) && isException(item));

const isReply = (value: unknown, count: number): value is DeliveryReply =>
  isObject(value) &&
  value['v'] === PAYLOAD_VERSION &&
  value['count'] === count &&
  isExceptions(value['dropped'], isDrop, count) &&
  isExceptions(value['undelivered'], isFailure, count);

const droppedOf = ({ reason, detail, keys }: Dropped): Outcome => ({
  status: 'dropped',
  reason,
  ...(detail === undefined ? {} : { detail }),
  ...(keys === undefined ? {} : { keys }),
});

/** One outcome an op, or undefined if the answer does not speak of exactly `count` ops, of each once. */
export const decodeOutcomes = (value: unknown, count: number): Outcome[] | undefined => {
  if (!isReply(value, count)) return undefined;
  const { dropped, undelivered } = value;
  const named = new Set([...dropped, ...undelivered].map(({ index }) => index));
  if (named.size !== dropped.length + undelivered.length) return undefined;
  const outcomes: Outcome[] = new Array(count).fill(DELIVERED);
  for (const drop of dropped) outcomes[drop.index] = droppedOf(drop);
  for (const { index, code, retryAfterMs } of undelivered)
    outcomes[index] = undeliveredOp(code, retryAfterMs === undefined ? {} : { retryAfterMs });
  return outcomes;
};
