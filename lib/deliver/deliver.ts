import { openDeadline } from '../deadline.ts';
import { type DeliveryReply, decodeDelivery, encodeOutcomes } from '../domain/delivery-payload.ts';
import type { Comet } from '../domain/fleet.ts';
import { DELIVERY_MS } from '../domain/limits.ts';
import type { Op } from '../domain/op.ts';
import { type Outcome, undelivered } from '../domain/outcome.ts';
import { ServiceError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createPool, type OpenComet } from './pool.ts';

export interface DeliverDeps {
  readonly openComet: OpenComet;
  /** Told when a comet did not take its ops. */
  readonly log?: Log;
}

export interface Deliverer {
  /** One outcome an op, in the same order. Never rejects. */
  deliver(comet: Comet, ops: readonly Op[], timeoutMs: number): Promise<Outcome[]>;
}

/** What is to be said of those that the comet did not take. */
const troubleOf = (outcomes: readonly Outcome[]) => {
  const left = outcomes.filter((outcome) => outcome.status === 'undelivered');
  const details = [...new Set(left.flatMap(({ detail }) => detail ?? []))];
  return {
    codes: [...new Set(left.map(({ code }) => code))],
    ...(details.length > 0 ? { details } : {}),
  };
};

/** Delivers one comet's ops within `timeoutMs`; says something only if some are undelivered. */
export const createDeliverer = ({ openComet, log }: DeliverDeps): Deliverer => {
  const pool = createPool(openComet);
  const deliverTo = async (comet: Comet, ops: readonly Op[], timeoutMs: number): Promise<Outcome[]> => {
    const deadline = openDeadline(Math.min(timeoutMs, DELIVERY_MS));
    try {
      return await pool.use(comet, (client) => client.deliver(ops, deadline.signal));
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'COMET_ADDRESS_INVALID') {
        return ops.map(() => undelivered('COMET_ADDRESS_INVALID'));
      }
      throw error;
    } finally {
      deadline.cancel();
    }
  };
  return {
    deliver: async (comet, ops, timeoutMs) => {
      const outcomes = await deliverTo(comet, ops, timeoutMs);
      const trouble = troubleOf(outcomes);
      if (trouble.codes.length > 0)
        log?.warn('comet did not take its ops', { comet: comet.id, ops: ops.length, ...trouble });
      return outcomes;
    },
  };
};

/** The `deliver` function: a delivery payload in, its outcomes out. Throws `PAYLOAD_INVALID` and `PAYLOAD_VERSION`. */
export const createDeliver =
  (deliverer: Deliverer) =>
  async (payload: unknown): Promise<DeliveryReply> => {
    const delivery = decodeDelivery(payload);
    if ('problem' in delivery) {
      const code = delivery.newer ? 'PAYLOAD_VERSION' : 'PAYLOAD_INVALID';
      throw new ServiceError(code, `The delivery cannot be read: ${delivery.problem}`, {
        retryable: delivery.newer,
      });
    }
    return encodeOutcomes(await deliverer.deliver(delivery.comet, delivery.ops, delivery.timeoutMs));
  };
