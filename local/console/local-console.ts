import { type Console, startConsole } from '../../console/server/start.ts';
import { connect } from '../../operate/connect.ts';
import { openStage } from '../../operate/stage.ts';
import { openStatusTables } from '../../operate/status/tables.ts';
import type { LocalSet } from '../set/local-set.ts';
import { openLocalSide } from './local-side.ts';

export interface LocalConsoleOptions {
  readonly set: LocalSet;
  readonly stage: string;
  readonly port: number;
}

/** The console of the local set, whose endpoints are in the environment. Rejects if the port is taken. */
export const startLocalConsole = async ({ set, stage, port }: LocalConsoleOptions): Promise<Console> => {
  const opened = openStage({ stage });
  const tables = openStatusTables(opened);
  const local = openLocalSide(set, tables);
  const console = await startConsole({
    about: { name: 'local set', isLocal: true, canChange: true },
    tables,
    connect: (terminal) => connect(opened, terminal),
    now: Date.now,
    local,
    port,
  });
  return {
    ...console,
    close: async () => {
      await Promise.all([console.close(), local.close()]);
      opened.close();
    },
  };
};
