import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type ChaosOptions, readOptions, USAGE } from './options.ts';
import { printFaults, printReport, type Report, violationsOf } from './report.ts';

/** A process a seed: memory and clock of its own. */
const runInChild = async (seed: number, options: ChaosOptions): Promise<Report> => {
  const child = fork(new URL('./child.ts', import.meta.url));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of seed ${seed} ended with ${code}`);
  });
  child.send({ seed, options });
  const [report] = (await Promise.race([once(child, 'message'), ended])) as [Report];
  ended.catch(() => {});
  child.kill();
  return report;
};

const main = async (): Promise<number> => {
  let options: ChaosOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
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
      ? `\nOK: ${total} records, 0 lost, 0 inversions`
      : `\nFAILED: again with --seed ${bad.map(({ seed }) => seed).join(' --seed ')}`,
  );
  return bad.length === 0 ? 0 : 1;
};

process.exitCode = await main();
