import type { AllOp, Op, PushOp, RoomOp } from './op.ts';
import { HEADER_BYTES } from './packet.ts';

/** Ops of one delivery that go out as one raw packet; all have the target and the operation filter of `like`. */
export interface Call<T extends Op = Op> {
  readonly like: T;
  /** Their places in the delivery, ascending. */
  readonly indexes: readonly number[];
  /** Places of the earlier calls that share a key or the room with it, or are broadcasts as it is. */
  readonly after: readonly number[];
}

/** Bounds of one raw packet; a message that is larger alone gets one of its own. */
export interface PacketLimits {
  readonly messages: number;
  readonly bytes: number;
}

interface OpenCall {
  readonly place: number;
  readonly like: Op;
  readonly indexes: number[];
  readonly after: readonly number[];
  bytes: number;
}

/** A message's packet, from its base64 alone. */
const packetBytes = ({ body }: Op): number => HEADER_BYTES + Buffer.byteLength(body, 'base64');

const sameKeys = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((key, index) => key === b[index]));

/** The last call of each lane so far. Order is promised within a lane alone: a key, a room, or all broadcasts. */
const createLanes = () => {
  const lastByKey = new Map<string, OpenCall>();
  const lastByRoom = new Map<string, OpenCall>();
  let lastToAll: OpenCall | undefined;

  /** The calls that an op must not pass; one that ends all of the op's lanes comes alone. */
  const before = (op: Op): readonly OpenCall[] => {
    switch (op.type) {
      case 'push':
        return [...new Set(op.keys.flatMap((key) => lastByKey.get(key) ?? []))];
      case 'room':
        return [lastByRoom.get(op.room) ?? []].flat();
      case 'all':
        return [lastToAll ?? []].flat();
    }
  };
  const append = (call: OpenCall): void => {
    const { like } = call;
    switch (like.type) {
      case 'push':
        for (const key of like.keys) lastByKey.set(key, call);
        return;
      case 'room':
        lastByRoom.set(like.room, call);
        return;
      case 'all':
        lastToAll = call;
    }
  };
  return { before, append };
};

/** Whether one request can carry both. A comet filters pushes and broadcasts by operation, rooms not at all. */
const fitsTarget = (like: Op, op: Op): boolean => {
  switch (op.type) {
    case 'push':
      return like.operation === op.operation && sameKeys((like as PushOp).keys, op.keys);
    case 'room':
      return (like as RoomOp).room === op.room;
    case 'all':
      return like.operation === op.operation && (like as AllOp).speed === op.speed;
  }
};

/**
 * Joins each op to the last call of its lanes if that is one call with the same target: what lies between them is in other
 * lanes, which have no order towards these. A call that was passed in any of its lanes is not joined any more.
 */
export const coalesce = (ops: readonly Op[], limits: PacketLimits): Call[] => {
  const calls: OpenCall[] = [];
  const lanes = createLanes();
  for (const [index, op] of ops.entries()) {
    const bytes = packetBytes(op);
    const before = lanes.before(op);
    const [last] = before;
    const joins =
      last !== undefined &&
      before.length === 1 &&
      last.indexes.length < limits.messages &&
      last.bytes + bytes <= limits.bytes &&
      fitsTarget(last.like, op);
    if (joins) {
      last.indexes.push(index);
      last.bytes += bytes;
    } else {
      const after = before.map(({ place }) => place);
      const call: OpenCall = { place: calls.length, like: op, indexes: [index], after, bytes };
      calls.push(call);
      lanes.append(call);
    }
  }
  return calls;
};
