import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { readArguments } from '../../local/commands/arguments.ts';
import { runCommand } from '../../local/commands/run-command.ts';
import { ACCEPTED } from './accepted.ts';

const USAGE = `npm run mutation -- [folder of lib/ ...]
Breaks each line of the folders in turn and runs the tests that mirror them; without a folder, all of lib/, which takes hours.
What has not changed since the last run is not run again. reports/mutation/ has a page for each folder.`;

type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** Tests of a folder's rules that stand with those who use them. */
const MORE_TESTS: Readonly<Record<string, readonly string[]>> = {
  'lib/domain': ['parking', 'dispatch', 'lambda'],
};

const folderOf = (argument: string): string => path.normalize(argument).replace(/\/$/, '');
const allFolders = (): string[] =>
  readdirSync('lib', { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [`lib/${entry.name}`] : [],
  );

const mutate = (folder: string): Promise<Result[]> => {
  const name = folder.replaceAll('/', '-');
  const rooms = [folder.replace(/^lib\//, ''), ...(MORE_TESTS[folder] ?? [])];
  process.env['MUTATION_TESTS'] = rooms.map((room) => `test/${room}/**/*.test.ts`).join();
  const report = `reports/mutation/${name}`;
  return new Stryker({
    mutate: [`${folder}/**/*.ts`],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    // node_modules is one link in all copies: an `npm ci` of a test in there would take it away. Without a lock file it refuses.
    ignorePatterns: ['package-lock.json'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    incremental: true,
    incrementalFile: `${report}.json`,
    htmlReporter: { fileName: `${report}.html` },
    reporters: ['progress-append-only', 'html'],
    allowConsoleColors: false,
  }).runMutationTest();
};

/** The line as it stands, without what may move. */
const lineOf = ({ fileName, location }: Result): string =>
  readFileSync(fileName, 'utf8').split('\n')[location.start.line - 1]?.trim() ?? '';

const isAccepted = (mutant: Result): boolean =>
  ACCEPTED.some(
    ({ file, line, becomes }) =>
      path.relative('.', mutant.fileName) === file &&
      lineOf(mutant) === line &&
      mutant.replacement === becomes,
  );

const report = (folder: string, results: readonly Result[]): void => {
  const found = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const survived = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const [accepted, open] = [survived.filter(isAccepted), survived.filter((mutant) => !isAccepted(mutant))];
  for (const mutant of open) {
    const { start } = mutant.location;
    const place = `${path.relative('.', mutant.fileName)}:${start.line}:${start.column}`;
    console.log(`${place} ${mutant.status}\n    ${lineOf(mutant)}\n    → ${mutant.replacement}`);
  }
  const score = ((100 * found) / (found + open.length)).toFixed(1);
  console.log(
    `${folder}: ${score} %: ${found} breaks found, ${open.length} survived, ${accepted.length} more with a reason`,
  );
};

await runCommand(USAGE, async (args) => {
  const { positionals } = readArguments(args, {}, true);
  const folders = positionals.length > 0 ? positionals.map(folderOf) : allFolders();
  for (const folder of folders) report(folder, await mutate(folder));
});
