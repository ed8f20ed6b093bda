import { createWake } from '../lib/lambda/wake.ts';
import type { Log, LogFields } from '../lib/log.ts';
import { createPark } from '../lib/parking/park.ts';
import { createBehindWriter } from '../lib/store/behind.ts';
import { createDeadLettersTable } from '../lib/store/dead-letters.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { createParkedWriter } from '../lib/store/parked.ts';
import { HOST } from '../local/ports.ts';
import type { LetterPlace } from './dead-letters/arguments.ts';
import { createDispatchAgain } from './dead-letters/dispatch-again.ts';
import type { ReplayDeps } from './dead-letters/replay-queue.ts';
import type { Terminal } from './terminal.ts';

const SERVICE = 'goim-job';

/** Through the environment, where every client looks. Real credentials never meet the local endpoints. */
const useLocalSet = ({ tables, lambda }: NonNullable<LetterPlace['ports']>): void => {
  delete process.env['AWS_SESSION_TOKEN'];
  delete process.env['AWS_PROFILE'];
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_DYNAMODB: `http://${HOST}:${tables}`,
    AWS_ENDPOINT_URL_LAMBDA: `http://${HOST}:${lambda}`,
  });
};

const logTo = ({ err }: Terminal): Log => {
  const say = (message: string, fields?: LogFields): void =>
    err(fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
  return { info: say, warn: say, error: say, metric: () => {}, flush: () => {} };
};

/** What the commands work on; `close` ends the connections. */
export const connect = (
  { stage, ports }: LetterPlace,
  terminal: Terminal,
): ReplayDeps & { readonly close: () => void } => {
  if (ports !== undefined) useLocalSet(ports);
  const name = (what: string): string => `${SERVICE}-${stage}-${what}`;
  const db = openDynamoDb();
  return {
    letters: createDeadLettersTable(db, name('dead-letters')),
    park: createPark({
      parked: createParkedWriter(db, name('parked')),
      behind: createBehindWriter(db, name('behind')),
      wake: createWake(name('redeliver')),
      now: terminal.now,
      log: logTo(terminal),
    }),
    dispatchAgain: createDispatchAgain(name('dispatch')),
    terminal,
    close: () => db.destroy(),
  };
};
