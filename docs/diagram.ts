import { readFileSync, writeFileSync } from 'node:fs';
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';

const USAGE = `npm run diagram
Draws docs/architecture.dot as docs/images/architecture.svg, the picture in the README.`;

await runCommand(USAGE, async (args) => {
  readArguments(args, {});
  const graphviz = await Graphviz.load();
  writeFileSync(
    'docs/images/architecture.svg',
    graphviz.neato(readFileSync('docs/architecture.dot', 'utf8')),
  );
});
