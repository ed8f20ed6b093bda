import { positiveWhole, readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { launch, openPage } from '../test/browser/browser.ts';
import { startConsoleRig } from '../test/console/rig.ts';
import { spreadOf } from './statistics.ts';

const COMETS = 1_000;

const USAGE = `npm run bench:console -- [--rounds N]
How soon the console's first page is there with 1,000 comets, in a Chromium that has nothing of it, on the local tables.
  --rounds N  (9)`;

/** From the navigation on, ms: what the browser calls its first contentful paint. */
const FIRST_PAINT = `performance.getEntriesByName('first-contentful-paint')[0].startTime`;

const measure = async (rounds: number): Promise<void> => {
  const [browser, rig] = await Promise.all([launch(), startConsoleRig()]);
  const ids = Array.from({ length: COMETS }, (_, index) => `comet-${index}`);
  await rig.putFleet(ids.map((id) => ({ id, addresses: [`grpc://${id}.internal:3109`] })));
  const painted: number[] = [];
  const shown: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { page } = await openPage(browser, { url: rig.url });
    await page.getByText('1,000 comets live').waitFor();
    shown.push((await page.evaluate('performance.now()')) as number);
    painted.push((await page.evaluate(FIRST_PAINT)) as number);
    await page.close();
  }
  await Promise.all([browser.close(), rig.close()]);
  const say = (what: string, samples: readonly number[]): void => {
    const { median, min, max } = spreadOf(samples);
    console.log(`${what}: ${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)}, ${rounds} pages)`);
  };
  say('something is painted after', painted);
  say('1,000 comets are shown after', shown);
};

await runCommand(USAGE, (args) => {
  const { values } = readArguments(args, { rounds: { type: 'string', default: '9' } });
  return measure(positiveWhole('--rounds', values.rounds));
});
