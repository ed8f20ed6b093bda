import { decodePackets } from '../../lib/domain/packet.ts';
import type { ConnectionWire } from './clients/protocol.ts';

/** What a stock goim comet does to a caller that does not know it; each only if given. In v2 a push reaches who accepts its operation, always. */
export interface Traps {
  /** A connection's queue, written at most once in `everyMs`; what it does not hold is dropped. */
  readonly queue?: { readonly packets: number; readonly everyMs: number };
  /** `PushMsg` stops at the first full queue and fails, as in goim's HEAD; without it the drop is silent, as in v2.0.0. */
  readonly fullFails?: boolean;
  /** Two `BroadcastRoom` calls of one room that arrive closer together than this are swapped. */
  readonly swapsWithinMs?: number;
  /** Calls that came together are applied in any order (v1, `net/rpc`). */
  readonly parallel?: boolean;
  /** A client that would get a body that is no JSON is disconnected (v1.2, over WebSocket). */
  readonly jsonOnly?: boolean;
  /** `Broadcast` answers first and then goes through the buckets, with a pause of ⌊connections ÷ speed⌋ seconds after each. */
  readonly laterBroadcast?: { readonly buckets: number; readonly secondMs: number };
}

/** All of goim v2's, with its own figures; the pace of writing is that of a client that is not read at once. */
export const GOIM_TRAPS = {
  queue: { packets: 10, everyMs: 5 },
  fullFails: true,
  swapsWithinMs: 1,
  laterBroadcast: { buckets: 32, secondMs: 1000 },
} as const satisfies Traps;

/** All of goim v1's. */
export const GOIM_V1_TRAPS = {
  queue: { packets: 80, everyMs: 5 },
  swapsWithinMs: 1,
  parallel: true,
  jsonOnly: true,
  laterBroadcast: { buckets: 8, secondMs: 1000 },
} as const satisfies Traps;

/** A connection behind a queue of its own. */
export const withQueue = (wire: ConnectionWire, queue: Traps['queue']): ConnectionWire => {
  if (queue === undefined) return wire;
  const waiting: Uint8Array[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  const schedule = (): void => {
    const pauseMs = Math.max(0, Math.ceil(writtenAt + queue.everyMs - performance.now()));
    timer = setTimeout(writeOne, pauseMs).unref();
  };
  const writeOne = (): void => {
    timer = undefined;
    const packet = waiting.shift();
    if (packet === undefined) return;
    writtenAt = performance.now();
    wire.send(packet);
    if (waiting.length > 0) schedule();
  };
  return {
    send: (packet) => {
      if (waiting.length >= queue.packets) return false;
      waiting.push(packet);
      if (timer === undefined) schedule();
      return true;
    },
    close: (reason) => {
      waiting.length = 0;
      wire.close(reason);
    },
  };
};

const isJson = (body: Uint8Array): boolean => {
  try {
    JSON.parse(Buffer.from(body).toString('latin1'));
    return true;
  } catch {
    return false;
  }
};

/** A connection of v1.2: what it cannot write as JSON ends it. */
export const withJsonRule = (wire: ConnectionWire, jsonOnly = false): ConnectionWire => {
  if (!jsonOnly) return wire;
  return {
    send: (frame) => {
      const decoded = decodePackets(frame);
      const isWritten = decoded.kind === 'packets' && decoded.packets.every(({ body }) => isJson(body));
      if (isWritten) return wire.send(frame);
      wire.close('a body is not JSON');
      return true;
    },
    close: wire.close,
  };
};

/** Runs a room's work, at once or with goim's swaps: by when calls arrive, so that a slow machine changes nothing. */
export const createRoomRuns = (swapsWithinMs: number | undefined) => {
  const heldByRoom = new Map<string, { readonly at: number; readonly run: () => void }>();
  const release = (room: string): void => {
    const held = heldByRoom.get(room);
    heldByRoom.delete(room);
    held?.run();
  };
  return (room: string, run: () => void): void => {
    if (swapsWithinMs === undefined) {
      run();
      return;
    }
    const now = performance.now();
    const held = heldByRoom.get(room);
    if (held !== undefined && now - held.at < swapsWithinMs) {
      run();
      release(room);
      return;
    }
    release(room);
    const mine = { at: now, run };
    heldByRoom.set(room, mine);
    setTimeout(() => heldByRoom.get(room) === mine && release(room), swapsWithinMs);
  };
};
