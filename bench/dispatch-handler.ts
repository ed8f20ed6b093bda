import { setTimeout as sleep } from 'node:timers/promises';
import { shell } from '../functions/shell.ts';
import { createDispatch, type DispatchDeps } from '../lib/dispatch/dispatch.ts';
import { createViewLoader, type ViewStores } from '../lib/dispatch/view.ts';
import { readKafkaEvent, readReplay } from '../lib/kafka/event.ts';
import { expectCount } from './case.ts';

interface Tables extends Pick<DispatchDeps, 'sender' | 'behind' | 'park'> {
  readonly stores: ViewStores;
}

/** functions/dispatch.ts with tables in memory; a dead letter is an error. */
export const createDispatchHandler = ({ stores, sender, behind, park }: Tables) =>
  shell('dispatch', (log) => {
    const dispatch = createDispatch({
      view: createViewLoader(stores, Date.now),
      sender,
      deadLetters: { write: async (letters) => expectCount('dead letters', letters.length, 0) },
      behind,
      park,
      roomRouting: 'table',
      messageTtlS: 0,
      log,
      clock: { now: Date.now, sleep: (ms) => sleep(ms, undefined, { ref: false }) },
    });
    return (event: unknown, endsAt: number) =>
      dispatch(readKafkaEvent(event, Date.now()), { endsAt, ...readReplay(event) });
  });
