import { writeFileSync } from 'node:fs';
import { runCommand } from '../local/commands/run-command.ts';
import { GATEWAY_CHECK_USAGE, readCheckArguments } from './arguments.ts';
import { junitOf } from './junit.ts';
import { countOf, linesOf, summaryOf } from './report.ts';
import { type Result, runChecks } from './run.ts';

await runCommand(GATEWAY_CHECK_USAGE, async (args) => {
  const { options, junit } = readCheckArguments(args, process.env);
  const results: Result[] = [];
  for await (const result of runChecks(options)) {
    results.push(result);
    for (const line of linesOf(result)) console.log(line);
  }
  console.log(summaryOf(results));
  if (junit !== undefined) writeFileSync(junit, junitOf(results));
  process.exitCode = countOf(results, 'failed') > 0 ? 1 : 0;
});
