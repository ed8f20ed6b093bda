import type { Comet } from './fleet.ts';
import type { Op } from './op.ts';
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

/** What routing said of one push message. */
export interface Routed {
  readonly message: PushMessage;
  readonly comets: readonly Comet[];
}

export const encodeOp = (op: Op): EncodedOp => {
  const json = JSON.stringify(op);
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

/** Cuts ops into chunks of at most `maxOps` and `maxBytes`, in order; an op that is larger alone gets a chunk of its own. */
export const cut = (ops: readonly EncodedOp[], maxOps: number, maxBytes: number): Chunk[] => {
  const total = ops.reduce((sum, { bytes }) => sum + bytes + 1, 0);
  if (ops.length > 0 && ops.length <= maxOps && total <= maxBytes) return [{ ops, bytes: total }];
  const chunks: { ops: EncodedOp[]; bytes: number }[] = [];
  let last: { ops: EncodedOp[]; bytes: number } | undefined;
  for (const op of ops) {
    const bytes = op.bytes + 1;
    if (last === undefined || last.ops.length >= maxOps || last.bytes + bytes > maxBytes) {
      last = { ops: [], bytes: 0 };
      chunks.push(last);
    }
    last.ops.push(op);
    last.bytes += bytes;
  }
  return chunks;
};

/** One delivery a comet. */
export const groupByComet = (routed: readonly Routed[], maxBytes: number): Delivery[] => {
  const opsByComet = new Map<Comet, EncodedOp[]>();
  for (const { message, comets } of routed) {
    const encoded = encodeOp(opOf(message, comets.length));
    for (const comet of comets) {
      const ops = opsByComet.get(comet);
      if (ops === undefined) opsByComet.set(comet, [encoded]);
      else ops.push(encoded);
    }
  }
  return [...opsByComet].map(([comet, ops]) => ({
    comet,
    chunks: cut(ops, Number.POSITIVE_INFINITY, maxBytes),
  }));
};

/** The ops as a JSON list between `head` and `tail`, in UTF-8, in one copy: a payload has megabytes. */
export const encodeChunk = (head: string, { ops, bytes }: Chunk, tail: string): Buffer => {
  const payload = Buffer.allocUnsafe(Buffer.byteLength(head) + bytes + Buffer.byteLength(tail) + 2);
  let end = payload.write(`${head}[`);
  for (const op of ops) {
    // JSON of ASCII alone, which is most, needs no conversion.
    end += payload.write(op.json, end, op.bytes === op.json.length ? 'latin1' : 'utf8');
    end += payload.write(',', end, 'latin1');
  }
  if (ops.length > 0) end -= 1;
  end += payload.write(`]${tail}`, end);
  return payload.subarray(0, end);
};
