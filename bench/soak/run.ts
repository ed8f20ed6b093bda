import { positive, readArguments, UsageError } from '../../local/commands/arguments.ts';
import { runCommand } from '../../local/commands/run-command.ts';
import type { Leak } from './leak.ts';
import { type SoakOptions, soak } from './soak.ts';

const LEAKS = ['heap', 'timers', 'sockets'] as const;
const isLeak = (name: string): name is Leak => LEAKS.some((leak) => leak === name);

const USAGE = `npm run soak -- [--minutes N] [--leak ${LEAKS.join(' | ')}]
The local set under steady traffic while comets go down and come back: fails if memory, sockets or timers grow.
  --minutes N  (5)
  --leak WHAT  makes one, which must be found`;

/** Throws a `UsageError`. */
const readOptions = (args: readonly string[]): SoakOptions => {
  const { values } = readArguments(args, {
    minutes: { type: 'string', default: '5' },
    leak: { type: 'string' },
  });
  const { leak, minutes } = values;
  if (leak !== undefined && !isLeak(leak))
    throw new UsageError(`--leak is one of ${LEAKS.join(', ')}, not ${leak}`);
  return { minutes: positive('--minutes', minutes), leak };
};

await runCommand(USAGE, async (args) => {
  const options = readOptions(args);
  if (globalThis.gc === undefined) throw new UsageError('node needs --expose-gc: npm run soak gives it');
  // What was broken on purpose may still wait for something.
  process.exit((await soak(options)) ? 0 : 1);
});
