import type { Clock } from '../clock.ts';
import type { Chunk, Delivery } from '../domain/batch.ts';
import type { Comet } from '../domain/fleet.ts';
import {
  DELIVERY_MS,
  INVOKE_CLIENT_MS,
  LATE_CALL_MS,
  MAX_IN_FLIGHT_BYTES,
  MAX_INVOKES,
  MAX_OPEN_BYTES,
  MAX_OPEN_CALLS,
  SETTLE_MS,
} from '../domain/limits.ts';
import { type Outcome, undelivered } from '../domain/outcome.ts';
import { createInFlight } from '../in-flight.ts';

export interface SendLimits {
  /** How long the ops may take at the comet. */
  readonly timeoutMs: number;
  /** No call begins after this (ms since 1970): it could outlive the one who sends it. */
  readonly startBy: number;
}

/** One chunk to one comet; one outcome an op, in the same order. Never rejects. */
export type Send = (comet: Comet, chunk: Chunk, limits: SendLimits) => Promise<Outcome[]>;

export interface Sender {
  readonly send: Send;
  /** What it keeps in memory for a chunk until that is answered. */
  heldBytes(chunk: Chunk): number;
}

/** A delivery and what became of its ops; `calls` counts the chunks that were sent. */
export interface Sent {
  readonly delivery: Delivery;
  /** One list a chunk. */
  readonly outcomes: readonly (readonly Outcome[])[];
  readonly calls: number;
}

const isUndelivered = ({ status }: Outcome): boolean => status === 'undelivered';

/** The chunks of one comet, one after the other; after an undelivered op the later ones are not sent, or they would pass it. */
const sendDelivery = async (
  delivery: Delivery,
  send: Send,
  startBy: number,
  { now }: Clock,
): Promise<Sent> => {
  const stopAt = now() + DELIVERY_MS;
  const outcomes: (readonly Outcome[])[] = [];
  let calls = 0;
  let open = true;
  for (const chunk of delivery.chunks) {
    const timeoutMs = stopAt - now();
    open = open && timeoutMs > 0 && now() <= startBy;
    const answered: readonly Outcome[] = open
      ? await send(delivery.comet, chunk, { timeoutMs, startBy })
      : chunk.ops.map(() => undelivered('DELIVERY_SKIPPED'));
    calls += open ? 1 : 0;
    open = open && !answered.some(isUndelivered);
    outcomes.push(answered);
  }
  return { delivery, outcomes, calls };
};

/** Sends every delivery, comets in parallel within the limits in flight; `endsAt` (ms) is when Lambda stops us. */
export const fanOut = (
  deliveries: readonly Delivery[],
  { send, heldBytes }: Sender,
  endsAt: number,
  clock: Clock,
): Promise<Sent[]> => {
  const prompt = createInFlight(MAX_INVOKES, MAX_IN_FLIGHT_BYTES);
  const open = createInFlight(MAX_OPEN_CALLS, MAX_OPEN_BYTES);
  const startBy = endsAt - INVOKE_CLIENT_MS - SETTLE_MS;
  return Promise.all(
    deliveries.map(async (delivery) => {
      const largest = Math.max(...delivery.chunks.map(heldBytes));
      const { sending } = await prompt.run(largest, async () => {
        const sending = open.run(largest, () => sendDelivery(delivery, send, startBy, clock));
        // Of what was sent, the sleep keeps nothing alive.
        await Promise.race([sending.then(() => undefined), clock.sleep(LATE_CALL_MS)]);
        return { sending };
      });
      return sending;
    }),
  );
};
