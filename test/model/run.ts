import { positive, positiveWhole, readArguments } from '../../local/commands/arguments.ts';
import { runCommand } from '../../local/commands/run-command.ts';
import { explore } from './explore.ts';
import { walkLease } from './lease/walk.ts';
import { BROKEN_LEASES } from './lease/world.ts';
import { walkRooms } from './rooms/walk.ts';
import { BROKEN_ROOMS } from './rooms/world.ts';
import { BROKEN, LARGE, type Scenario, WHOLE } from './scenario.ts';
import { walk } from './walk.ts';

const USAGE = `npm run model -- [--seconds N] [--seed N] [--broken]
Explores the parking protocol: every state of the small scenarios, then random walks through large ones, the hand-over of leases and the rooms that dispatch keeps.
  --seconds N  how long the walks take in all (20)
  --seed N     the seed of the first walk (1)
  --broken     prints how each protection that is taken out is found missing`;

const WHOLE_S = 240;
const BROKEN_S = 60;

const inS = (seconds: number): number => performance.now() + seconds * 1000;
const count = (n: number): string => n.toLocaleString('en');
const since = (startedAt: number): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

const fail = (violation: readonly string[]): void => {
  console.error(violation.map((step) => `    ${step}`).join('\n'));
  process.exitCode = 1;
};

const runWhole = async (scenario: Scenario): Promise<void> => {
  console.error(`${scenario.name} …`);
  const startedAt = performance.now();
  const { states, moves, isComplete, violation } = await explore(scenario, inS(WHOLE_S));
  const found = violation ? 'VIOLATION' : isComplete ? 'all states, no violation' : 'NOT COMPLETE';
  console.log(
    `${scenario.name}: ${count(states)} states, ${count(moves)} steps, ${since(startedAt)}: ${found}`,
  );
  if (violation) fail(violation);
  else if (!isComplete) process.exitCode = 1;
};

const runBroken = async (scenario: Scenario, isShown: boolean): Promise<void> => {
  console.error(`${scenario.name} …`);
  const startedAt = performance.now();
  const { states, violation } = await explore(scenario, inS(BROKEN_S));
  const found = violation ? `found in ${violation.length - 1} steps` : 'NOT FOUND';
  console.log(`${scenario.name}: ${count(states)} states, ${since(startedAt)}: ${found}`);
  if (!violation) process.exitCode = 1;
  else if (isShown) console.log(violation.map((step) => `    ${step}`).join('\n'));
};

const runWalks = async (scenario: Scenario, seconds: number, seed: number): Promise<void> => {
  console.error(`${scenario.name} … ${seconds.toFixed(0)} s`);
  const startedAt = performance.now();
  const { walks, steps, violation } = await walk(scenario, seed, inS(seconds));
  const found = violation ? 'VIOLATION' : 'no violation';
  console.log(
    `${scenario.name}: ${count(walks)} walks from seed ${seed}, ${count(steps)} steps, ${since(startedAt)}: ${found}`,
  );
  if (violation) fail(violation);
};

type OneWalk = (seed: number) => Promise<{ steps: readonly string[]; violation: string | undefined }>;

/** Walks from the seed on, until one is wrong or the time is over. */
const walkOn = async (one: OneWalk, seed: number, seconds: number) => {
  const endsAt = inS(seconds);
  let next = seed;
  let found = await one(next);
  while (found.violation === undefined && performance.now() < endsAt) {
    next += 1;
    found = await one(next);
  }
  return { walks: next - seed + 1, ...found };
};

const runInTime = async (name: string, one: OneWalk, seconds: number, seed: number): Promise<void> => {
  const { walks, violation, steps } = await walkOn(one, seed, seconds);
  console.log(`${name}: ${count(walks)} walks from seed ${seed}: ${violation ?? 'no violation'}`);
  if (violation) fail(steps);
};

const runBrokenInTime = async (name: string, one: OneWalk): Promise<void> => {
  const { walks, violation } = await walkOn(one, 1, BROKEN_S);
  console.log(`${name}: ${violation ? `found in ${count(walks)} walks: ${violation}` : 'NOT FOUND'}`);
  if (!violation) process.exitCode = 1;
};

await runCommand(USAGE, async (args) => {
  const { values } = readArguments(args, {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    broken: { type: 'boolean', default: false },
  });
  const seconds = positive('--seconds', values.seconds);
  const seed = positiveWhole('--seed', values.seed);
  console.log('== every state');
  for (const scenario of WHOLE) await runWhole(scenario);
  console.log('== a protection taken out');
  for (const scenario of BROKEN) await runBroken(scenario, values.broken);
  for (const broken of BROKEN_LEASES)
    await runBrokenInTime(`leases, ${broken}`, (seed) => walkLease(seed, broken));
  for (const broken of BROKEN_ROOMS)
    await runBrokenInTime(`rooms, ${broken}`, (seed) => walkRooms(seed, broken));
  console.log('== random walks');
  for (const scenario of LARGE) await runWalks(scenario, seconds / LARGE.length, seed);
  await runInTime('the hand-over of leases', walkLease, seconds, seed);
  await runInTime('the rooms that dispatch keeps', walkRooms, seconds, seed);
});
