import { type EncodedOp, encodeOp } from '../../lib/domain/batch.ts';
import type { Op } from '../../lib/domain/op.ts';

/** Ops of topic `t`, for tests. */
const base = (offset: number, partition: number) => ({
  id: `t/${partition}/${offset}`,
  operation: 1000,
  body: Buffer.from(`body ${offset}`).toString('base64'),
  timestamp: 1_700_000_000_000,
});

export const toKeys = (offset: number, keys: readonly string[], partition = 0): Op => ({
  ...base(offset, partition),
  type: 'push',
  keys,
});

export const toRoom = (offset: number, room = 'r', partition = 0): Op => ({
  ...base(offset, partition),
  type: 'room',
  room,
});

export const toAll = (offset: number, partition = 0): Op => ({
  ...base(offset, partition),
  type: 'all',
  speed: 0,
});

export const encoded = (...ops: Op[]): EncodedOp[] => ops.map(encodeOp);
