import { createWake } from '../lib/lambda/wake.ts';
import type { Log, LogFields } from '../lib/log.ts';
import { createPark } from '../lib/parking/park.ts';
import { createBehindTable, createBehindWriter } from '../lib/store/behind.ts';
import { createDeadLettersTable } from '../lib/store/dead-letters.ts';
import { createParkedWriter } from '../lib/store/parked.ts';
import { createDispatchAgain } from './dead-letters/dispatch-again.ts';
import { VERDICT_MS } from './dead-letters/replay-limits.ts';
import type { ReplayDeps } from './dead-letters/replay-queue.ts';
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

const logTo = ({ err }: Terminal): Log => {
  const say = (message: string, fields?: LogFields): void =>
    err(fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
  return { info: say, warn: say, error: say, metric: () => {}, flush: () => {} };
};

/** What the commands on dead letters work on. */
export const connect = ({ db, name }: Stage, terminal: Terminal): ReplayDeps => ({
  letters: createDeadLettersTable(db, name('dead-letters')),
  park: createPark({
    parked: createParkedWriter(db, name('parked')),
    behind: createBehindWriter(db, name('behind')),
    wake: createWake(name('redeliver')),
    now: terminal.now,
    log: logTo(terminal),
  }),
  behind: createBehindTable(db, name('behind')),
  patienceMs: VERDICT_MS,
  dispatchAgain: createDispatchAgain(name('dispatch')),
  terminal,
});
