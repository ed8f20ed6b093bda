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

const undeliveredCodes = (outcomes: readonly Outcome[]): string[] => [
  ...new Set(outcomes.flatMap((outcome) => (outcome.status === 'undelivered' ? [outcome.code] : []))),
];

/** Delivers one comet's ops within `timeoutMs`; says something only if some are undelivered. */
export const createDeliverer = ({ openComet, log }: DeliverDeps): Deliverer => {
  const pool = createPool(openComet);
  const deliverTo = async (comet: Comet, ops: readonly Op[], timeoutMs: number): Promise<Outcome[]> => {
    try {
      const signal = AbortSignal.timeout(Math.min(timeoutMs, DELIVERY_MS));
      return await pool.use(comet, (client) => client.deliver(ops, signal));
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'COMET_ADDRESS_INVALID') {
        return ops.map(() => undelivered('COMET_ADDRESS_INVALID'));
      }
      throw error;
    }
  };
  return {
    deliver: async (comet, ops, timeoutMs) => {
      const outcomes = await deliverTo(comet, ops, timeoutMs);
      const codes = undeliveredCodes(outcomes);
      if (codes.length > 0)
        log?.warn('comet did not take its ops', { comet: comet.id, ops: ops.length, codes });
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
