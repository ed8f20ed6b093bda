import { setTimeout as pause } from 'node:timers/promises';
import type { Op } from '../../lib/domain/op.ts';
import type { Packet } from '../../lib/domain/packet.ts';
import type { Connections } from './clients/connections.ts';
import type { Traps } from './traps.ts';

/** What both stock wires say of a call's target. */
export type OpTarget =
  | { readonly type: 'push'; readonly keys: readonly string[] }
  | { readonly type: 'room'; readonly room: string }
  | { readonly type: 'all'; readonly speed: number };

/** Who looks at the messages of a call; these wires have no op ids and timestamps. */
export interface OpHooks {
  /** Each message that is applied, in order. */
  readonly onOp?: ((op: Op) => void) | undefined;
  /** A call with such a message is not applied and answered with an error. */
  readonly failsOn?: ((op: Op) => boolean) | undefined;
}

/** Tells the hooks of a call's messages; false: the comet fails on one of them. */
export const tellOps = (
  { onOp, failsOn = () => false }: OpHooks,
  target: OpTarget,
  messages: readonly Pick<Packet, 'operation' | 'body'>[],
): boolean => {
  const ops = messages.map(({ operation, body }) => ({
    ...target,
    id: '',
    operation,
    body: Buffer.from(body).toString('base64'),
    timestamp: 0,
  }));
  if (ops.some(failsOn)) return false;
  for (const op of ops) onOp?.(op);
  return true;
};

const bucketOf = (key: string, buckets: number): number =>
  [...key].reduce((hash, character) => (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0, 7) % buckets;

/** Bucket by bucket, as goim does; nobody waits for it. */
export const broadcastLater = async (
  connections: Connections,
  { buckets, secondMs }: NonNullable<Traps['laterBroadcast']>,
  /** Undefined: to whatever operation a connection accepts. */
  operation: number | undefined,
  speed: number,
  packet: Buffer,
): Promise<void> => {
  for (let bucket = 0; bucket < buckets; bucket++) {
    const isHere = (key: string): boolean => bucketOf(key, buckets) === bucket;
    connections.toAll(operation, packet, isHere);
    const seconds = speed > 0 ? Math.floor(connections.keys().filter(isHere).length / speed) : 0;
    if (seconds > 0) await pause(seconds * secondMs, undefined, { ref: false });
  }
};
