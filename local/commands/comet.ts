import { HOST } from '../ports.ts';
import { CommandError } from './arguments.ts';
import { readFaultArguments } from './comet-arguments.ts';
import { postTo } from './http.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Faults by hand. Clients stay connected.

  npm run comet -- stop comet-1    its API refuses connections
  npm run comet -- hang comet-1    its API takes requests and never answers
  npm run comet -- start comet-1   its API answers again

  --port-base <n>  as given to npm start
  --help`;

await runCommand(USAGE, async (args) => {
  const { fault, comet, topicPort } = readFaultArguments(args);
  const url = `http://${HOST}:${topicPort}/comets/${encodeURIComponent(comet)}/${fault}`;
  const { status, body } = await postTo(url, 'application/json', '');
  const { message } = body as { message?: string };
  if (status !== 200) throw new CommandError(message ?? `the local set answered ${status}`);
  console.log(`${comet}: ${fault}`);
});
