import { positiveWhole, readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { launch, openPage } from '../test/browser/browser.ts';
import { startConsoleRig } from '../test/console/rig.ts';
import { makeComets } from './events.ts';
import { spreadText } from './statistics.ts';

const COMETS = 1_000;

const USAGE = `npm run bench:console -- [--rounds N]
How soon the console's first page is there with 1,000 comets, in a Chromium that has nothing of it, on the local tables.
  --rounds N  (9)`;

/** From the navigation on, ms: what the browser calls its first contentful paint. */
const FIRST_PAINT = `performance.getEntriesByName('first-contentful-paint')[0].startTime`;

const measure = async (rounds: number): Promise<void> => {
  const [browser, rig] = await Promise.all([launch(), startConsoleRig()]);
  await rig.putFleet(makeComets(COMETS, (id) => `grpc://${id}.internal:3109`));
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
  console.log(`something is painted after: ${spreadText(painted, 'pages')}`);
  console.log(`1,000 comets are shown after: ${spreadText(shown, 'pages')}`);
};

await runCommand(USAGE, (args) => {
  const { values } = readArguments(args, { rounds: { type: 'string', default: '9' } });
  return measure(positiveWhole('--rounds', values.rounds));
});
