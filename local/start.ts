import { createRequire } from 'node:module';
import { CommandError } from './commands/arguments.ts';
import { runCommand } from './commands/run-command.ts';
import { readStartArguments, START_USAGE } from './commands/start-arguments.ts';
import { readKafkaConfig } from './kafka/config.ts';
import { allPorts, ensureFree, HOST, portTaken } from './ports.ts';
import { heedSignals } from './set/signals.ts';

const FRAMEWORK = 'serverless/bin/serverless.js';

const messageOf = (error: unknown): string =>
  portTaken(error) ?? (error instanceof Error ? error.message : String(error));

/** What takes no time to check, before the framework loads, which may take half a minute where nothing of it is cached. */
const check = async (ports: readonly number[]): Promise<void> => {
  try {
    readKafkaConfig(process.env);
    await ensureFree(ports);
  } catch (error) {
    throw new CommandError(messageOf(error));
  }
};

/** `sls offline start`, in this process, so that whoever signals it reaches all there is. */
await runCommand(START_USAGE, async (args) => {
  heedSignals();
  const ports = allPorts(readStartArguments(args));
  await check(ports);
  const [first, last] = [Math.min(...ports), Math.max(...ports)];
  console.log(`starts on ${HOST}, ports ${first} to ${last}: the framework loads …`);
  const require = createRequire(import.meta.url);
  // Without the option its plugin prints an empty line in place of a sponsor.
  const command = [require.resolve(FRAMEWORK), 'offline', 'start', '--noSponsor', ...args];
  process.argv.splice(1, process.argv.length, ...command);
  require(FRAMEWORK);
});
