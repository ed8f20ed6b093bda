import { fork } from 'node:child_process';
import { once } from 'node:events';
import { runCommand } from '../../local/commands/run-command.ts';
import { type ChaosOptions, readOptions, USAGE } from './options.ts';
import { printFaults, printReport, type Report, violationsOf } from './report.ts';

const PROGRESS_MS = 10_000;
/** What comes after the last record, until everything parked is delivered. */
const AFTER_S = 130;

/** Says how far a seed is. */
const startProgress = (seed: number, { seconds }: ChaosOptions): NodeJS.Timeout => {
  const startedAt = performance.now();
  return setInterval(() => {
    const passedS = Math.round((performance.now() - startedAt) / 1000);
    const what = passedS < seconds ? `${passedS} of ${seconds} s` : `drains, ${AFTER_S} s at most`;
    console.error(`seed ${seed}: ${what}`);
  }, PROGRESS_MS);
};

/** A process a seed: memory and clock of its own. */
const runInChild = async (seed: number, options: ChaosOptions): Promise<Report> => {
  const child = fork(new URL('./child.ts', import.meta.url));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of seed ${seed} ended with ${code}`);
  });
  const progress = startProgress(seed, options);
  child.send({ seed, options });
  const [report] = (await Promise.race([once(child, 'message'), ended]).finally(() =>
    clearInterval(progress),
  )) as [Report];
  ended.catch(() => {});
  child.kill();
  return report;
};

await runCommand(USAGE, async (args) => {
  const options = readOptions(args);
  const { seeds, records, seconds, broken } = options;
  console.log(
    `chaos: seeds ${seeds.join(', ')}; ${records} records in ${seconds} s each${broken ? `; broken: ${broken}` : ''}`,
  );
  const reports: Report[] = [];
  for (const seed of seeds) {
    const report = await runInChild(seed, options);
    reports.push(report);
    printReport(report);
  }
  printFaults(reports);
  const bad = reports.filter((report) => violationsOf(report).length > 0);
  const total = reports.reduce((sum, { produced }) => sum + produced, 0);
  console.log(
    bad.length === 0
      ? `OK: ${total} records, 0 lost, 0 inversions`
      : `FAILED: again with --seed ${bad.map(({ seed }) => seed).join(' --seed ')}`,
  );
  process.exitCode = bad.length === 0 ? 0 : 1;
});
