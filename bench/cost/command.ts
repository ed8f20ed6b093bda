import { writeFileSync } from 'node:fs';
import { runCommand } from '../../local/commands/run-command.ts';
import { answerOf } from './answer.ts';
import { latestFigures } from './figures.ts';
import { readOptions, USAGE } from './options.ts';
import { costPage } from './page.ts';
import { simulate } from './simulate.ts';

const PAGE = new URL('../../docs/cost.md', import.meta.url);

await runCommand(USAGE, async (args) => {
  const asked = readOptions(args);
  if (asked === 'write') return writeFileSync(PAGE, await costPage());
  const { figures, source } = latestFigures();
  console.log(answerOf(asked, simulate(figures, asked), source));
});
