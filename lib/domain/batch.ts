import type { Comet } from './fleet.ts';
import type { Op } from './op.ts';
import { opJson } from './op-json.ts';
import { opId, type PushMessage } from './push-message.ts';
import { speedShare } from './route.ts';

/** An op and its JSON, written once however many comets it goes to; `bytes` is the JSON's length in UTF-8. */
export interface EncodedOp {
  readonly op: Op;
  readonly json: string;
  readonly bytes: number;
}

/** Ops that go out in one call; `bytes` counts a comma an op. */
export interface Chunk {
  readonly ops: readonly EncodedOp[];
  readonly bytes: number;
}

/** The ops of one batch for one comet, in log order, cut to the limits of a payload. */
export interface Delivery {
  readonly comet: Comet;
  readonly chunks: readonly Chunk[];
}

/** Ops of one batch that a comet does not get now, in log order. A comet without addresses is not in the fleet. */
export interface Held {
  readonly comet: Comet;
  readonly ops: readonly EncodedOp[];
  /** How long the comet wants to be left alone, if it said so. */
  readonly retryAfterMs?: number;
}

/** What routing said of one push message. */
export interface Routed {
  readonly message: PushMessage;
  readonly comets: readonly Comet[];
}

export const encodeOp = (op: Op): EncodedOp => {
  const json = opJson(op);
  return { op, json, bytes: Buffer.byteLength(json) };
};

export const opOf = (message: PushMessage, comets: number): Op => {
  const { target, operation, body, timestamp } = message;
  const id = opId(message);
  switch (target.type) {
    case 'push':
      return { id, type: 'push', keys: target.keys, operation, body, timestamp };
    case 'room':
      return { id, type: 'room', room: target.room, operation, body, timestamp };
    case 'all':
      return { id, type: 'all', speed: speedShare(target.speed, comets), operation, body, timestamp };
  }
};

/** As `cut`, each chunk when it is asked for. */
function* chunksOf(ops: readonly EncodedOp[], maxOps: number, maxBytes: number): Generator<Chunk> {
  let from = 0;
  let to = 0;
  let bytes = 0;
  for (const op of ops) {
    if (to > from && (to - from >= maxOps || bytes + op.bytes + 1 > maxBytes)) {
      yield { ops: ops.slice(from, to), bytes };
      from = to;
      bytes = 0;
    }
    to += 1;
    bytes += op.bytes + 1;
  }
  if (to > 0) yield { ops: from === 0 ? ops : ops.slice(from), bytes };
}

/** Cuts ops into chunks of at most `maxOps` and `maxBytes`, in order; an op that is larger alone gets a chunk of its own. */
export const cut = (ops: readonly EncodedOp[], maxOps: number, maxBytes: number): Chunk[] => {
  // Most fit into one.
  const bytes = ops.reduce((sum, op) => sum + op.bytes + 1, 0);
  if (ops.length > 0 && ops.length <= maxOps && bytes <= maxBytes) return [{ ops, bytes }];
  return [...chunksOf(ops, maxOps, maxBytes)];
};

export interface Grouped {
  readonly deliveries: readonly Delivery[];
  readonly held: readonly Held[];
}

/** Each message's op is written once, however many comets it goes to. */
const opsOf = (routed: readonly Routed[]): Map<Comet, EncodedOp[]> => {
  const opsByComet = new Map<Comet, EncodedOp[]>();
  for (const { message, comets } of routed) {
    const encoded = encodeOp(opOf(message, comets.length));
    for (const comet of comets) {
      const ops = opsByComet.get(comet);
      if (ops === undefined) opsByComet.set(comet, [encoded]);
      else ops.push(encoded);
    }
  }
  return opsByComet;
};

/** One delivery a comet, of the ops that are not held back. */
export const groupByComet = (
  routed: readonly Routed[],
  maxBytes: number,
  isHeld: (comet: Comet, op: EncodedOp) => boolean = () => false,
): Grouped => {
  const deliveries: Delivery[] = [];
  const held: Held[] = [];
  for (const [comet, ops] of opsOf(routed)) {
    const back = ops.filter((op) => isHeld(comet, op));
    const now = back.length === 0 ? ops : ops.filter((op) => !isHeld(comet, op));
    if (back.length > 0) held.push({ comet, ops: back });
    if (now.length > 0) deliveries.push({ comet, chunks: cut(now, Number.POSITIVE_INFINITY, maxBytes) });
  }
  return { deliveries, held };
};

const COMMA = 0x2c;

/** Where bytes are written to; may be what it answered before. */
export type Allocate = (bytes: number) => Buffer;

/** In UTF-8, in one copy: a payload has megabytes. */
const encodeOps = (head: string, { ops, bytes }: Chunk, tail: string, allocate: Allocate): Buffer => {
  const block = allocate(Buffer.byteLength(head) + bytes + Buffer.byteLength(tail));
  let end = block.write(head);
  for (const op of ops) {
    // JSON of ASCII alone, which is most, needs no conversion.
    end += block.write(op.json, end, op.bytes === op.json.length ? 'latin1' : 'utf8');
    block[end++] = COMMA;
  }
  if (ops.length > 0) end -= 1;
  end += block.write(tail, end);
  return block.subarray(0, end);
};

/** The ops as a JSON list between `head` and `tail`, in UTF-8. */
export const encodeChunk = (head: string, chunk: Chunk, tail: string): Buffer =>
  encodeOps(`${head}[`, chunk, `]${tail}`, Buffer.allocUnsafe);

/** The same block by block, each of about `maxBytes` and made when it is asked for; an op that is larger alone is a block of its own. */
export function* encodeBlocks(
  head: string,
  { ops }: Chunk,
  tail: string,
  maxBytes: number,
  allocate: Allocate,
): Generator<Buffer> {
  let left = ops.length;
  let start = `${head}[`;
  for (const block of chunksOf(ops, Number.POSITIVE_INFINITY, maxBytes)) {
    left -= block.ops.length;
    yield encodeOps(start, block, left === 0 ? `]${tail}` : '', allocate);
    start = ',';
  }
}
