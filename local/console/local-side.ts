import type { LocalSide } from '../../console/server/local-side.ts';
import type { StatusTables } from '../../operate/status/tables.ts';
import type { LocalSet } from '../set/local-set.ts';
import { takeEmf } from './emf.ts';
import { findParked } from './find-parked.ts';
import { createFlow } from './flow.ts';
import { watchInvocations } from './invocations.ts';
import { createListeners } from './listeners.ts';
import { createPathWatcher } from './path-watcher.ts';
import { createPaths } from './paths.ts';
import { createPush } from './push.ts';

/** The local set as the console sees it: to be made before a function is called. */
export const openLocalSide = (
  { comets, source, onOp }: Pick<LocalSet, 'comets' | 'source' | 'onOp'>,
  tables: StatusTables,
): LocalSide & { close(): Promise<void> } => {
  const flow = createFlow(Date.now);
  const paths = createPaths(Date.now);
  const listeners = createListeners({
    comets,
    onMessage: (listener, { body, receivedAt }) => paths.heard(listener, body, receivedAt),
  });
  takeEmf(process.stdout, flow.add);
  watchInvocations(createPathWatcher(paths, Date.now));
  onOp(paths.took);
  return {
    canPush: source.append !== undefined,
    comets: () =>
      comets.map(({ id, state, rooms, connections }) => ({
        id,
        state: state(),
        rooms: rooms(),
        connections: connections(),
      })),
    flow: flow.since,
    listeners: listeners.all,
    listen: listeners.listen,
    leave: listeners.leave,
    push: createPush(source, paths.add),
    fault: async (id, fault) => {
      const comet = comets.find((one) => one.id === id);
      if (comet === undefined) return `there is no comet ${id}`;
      await comet[fault]();
      return undefined;
    },
    paths: async () => {
      const dispatched = paths.all().filter(({ dispatch }) => dispatch?.endedAt !== undefined);
      const marks = dispatched.length === 0 ? [] : await tables.behind.scan();
      for (const path of dispatched) await findParked(path, marks, tables.parked);
      return paths.answers();
    },
    close: listeners.close,
  };
};
