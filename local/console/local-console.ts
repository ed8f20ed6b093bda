import { type Console, startConsole } from '../../console/server/start.ts';
import { connect } from '../../operate/connect.ts';
import { openStage } from '../../operate/stage.ts';
import { openStatusTables } from '../../operate/status/tables.ts';
import type { LocalSet } from '../set/local-set.ts';

export interface LocalConsoleOptions {
  readonly set: Pick<LocalSet, 'comets'>;
  readonly stage: string;
  readonly port: number;
}

/** The console of the local set, whose endpoints are in the environment. Rejects if the port is taken. */
export const startLocalConsole = async ({ set, stage, port }: LocalConsoleOptions): Promise<Console> => {
  const opened = openStage({ stage });
  const console = await startConsole({
    about: { name: 'local set', isLocal: true, canChange: true },
    tables: openStatusTables(opened),
    connect: (terminal) => connect(opened, terminal),
    now: Date.now,
    local: {
      comets: () =>
        set.comets.map(({ id, state, rooms, connections }) => ({
          id,
          state: state(),
          rooms: rooms(),
          connections: connections(),
        })),
    },
    port,
  });
  return {
    ...console,
    close: async () => {
      await console.close();
      opened.close();
    },
  };
};
