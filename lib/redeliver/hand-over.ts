import type { Wake } from '../domain/wake.ts';
import { ServiceError } from '../errors.ts';
import type { HeldLease } from '../lease.ts';
import type { Log } from '../log.ts';
import type { SweepDeps } from './sweep.ts';

export interface HandOverDeps extends Pick<SweepDeps, 'wake'> {
  readonly log: Log;
}

/** Who asked for the lease has answered `held` and is gone: one is started again, now that it can have it. The sweep does it if that fails. */
export const handOver = async (
  { wake, log }: HandOverDeps,
  left: Wake,
  lease: HeldLease,
): Promise<'handed-over'> => {
  await lease.release();
  log.info('a redelivery hands over to another code or configuration', { comet: left.comet });
  try {
    await wake(left);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    log.warn('redeliver could not be woken', { comets: 1, code: error.code });
  }
  return 'handed-over';
};
