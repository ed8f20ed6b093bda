import { UsageError } from '../local/commands/arguments.ts';
import { connect } from '../operate/connect.ts';
import { runCommand } from '../operate/run-command.ts';
import { openStage, type Stage } from '../operate/stage.ts';
import { openStatusTables } from '../operate/status/tables.ts';
import { CONSOLE_USAGE, type ConsoleArguments, readConsoleArguments } from './arguments.ts';
import { policyOf } from './policy.ts';
import { startConsole } from './server/start.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const metricsUrl = (region: string, stage: string): string =>
  `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/goim-job-${stage}`;

const portTaken = (error: unknown): never => {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== 'EADDRINUSE') throw error;
  throw new UsageError(`port ${port} is taken: name another one with --port`);
};

const regionOf = async ({ db }: Stage): Promise<string> => {
  try {
    return await db.config.region();
  } catch {
    throw new UsageError('no region is set: AWS_REGION says which');
  }
};

/** Until Ctrl-C. */
const run = async ({ stage: name, canChange, port }: ConsoleArguments): Promise<void> => {
  const stage = openStage({ stage: name });
  const region = await regionOf(stage);
  const { url, close } = await startConsole({
    about: { name, isLocal: false, canChange, metricsUrl: metricsUrl(region, name) },
    tables: openStatusTables(stage),
    connect: (terminal) => connect(stage, terminal),
    now: Date.now,
    port,
  }).catch(portTaken);
  process.once('SIGINT', () => {
    void close();
    stage.close();
  });
  say(`${name} in ${region}, ${canChange ? 'changes allowed' : 'read-only'}: ${url}`);
};

await runCommand(
  async () => {
    const asked = readConsoleArguments(process.argv.slice(2));
    if (asked === undefined) say(CONSOLE_USAGE);
    else if (asked.isPolicy) say(JSON.stringify(policyOf(asked.stage, asked.canChange), undefined, 2));
    else await run(asked);
    return true;
  },
  { err: (line) => void process.stderr.write(`${line}\n`) },
);
