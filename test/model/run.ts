import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { BROKEN, LARGE, type Scenario, WHOLE } from './scenario.ts';
import { walk } from './walk.ts';

const USAGE = `npm run model -- [--seconds N] [--seed N] [--broken]
Explores the parking protocol: every state of the small scenarios, then random walks through large ones.
  --seconds N  how long the walks take in all (20)
  --seed N     the seed of the first walk (1)
  --broken     prints how each protection that is taken out is found missing`;

const WHOLE_S = 240;
const BROKEN_S = 60;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    broken: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const inS = (seconds: number): number => performance.now() + seconds * 1000;
const count = (n: number): string => n.toLocaleString('en');
const since = (startedAt: number): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

const fail = (violation: readonly string[]): void => {
  console.error(violation.map((step) => `    ${step}`).join('\n'));
  process.exitCode = 1;
};

const runWhole = async (scenario: Scenario): Promise<void> => {
  const startedAt = performance.now();
  const { states, moves, isComplete, violation } = await explore(scenario, inS(WHOLE_S));
  const found = violation ? 'VIOLATION' : isComplete ? 'all states, no violation' : 'NOT COMPLETE';
  console.log(
    `${scenario.name}: ${count(states)} states, ${count(moves)} steps, ${since(startedAt)}: ${found}`,
  );
  if (violation) fail(violation);
  else if (!isComplete) process.exitCode = 1;
};

const runBroken = async (scenario: Scenario): Promise<void> => {
  const startedAt = performance.now();
  const { states, violation } = await explore(scenario, inS(BROKEN_S));
  const found = violation ? `found in ${violation.length - 1} steps` : 'NOT FOUND';
  console.log(`${scenario.name}: ${count(states)} states, ${since(startedAt)}: ${found}`);
  if (!violation) process.exitCode = 1;
  else if (values.broken) console.log(violation.map((step) => `    ${step}`).join('\n'));
};

const runWalks = async (scenario: Scenario, seconds: number, seed: number): Promise<void> => {
  const startedAt = performance.now();
  const { walks, steps, violation } = await walk(scenario, seed, inS(seconds));
  const found = violation ? 'VIOLATION' : 'no violation';
  console.log(
    `${scenario.name}: ${count(walks)} walks from seed ${seed}, ${count(steps)} steps, ${since(startedAt)}: ${found}`,
  );
  if (violation) fail(violation);
};

if (values.help) console.log(USAGE);
else {
  console.log('== every state');
  for (const scenario of WHOLE) await runWhole(scenario);
  console.log('== a protection taken out');
  for (const scenario of BROKEN) await runBroken(scenario);
  console.log('== random walks');
  for (const scenario of LARGE) {
    await runWalks(scenario, Number(values.seconds) / LARGE.length, Number(values.seed));
  }
}
