import { HOST } from '../ports.ts';
import { readFaultArguments } from './comet-arguments.ts';
import { ProduceError } from './produce.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Faults by hand. Clients stay connected.

  npm run comet -- stop comet-1    its API refuses connections
  npm run comet -- hang comet-1    its API takes requests and never answers
  npm run comet -- start comet-1   its API answers again

  --port-base <n>  as given to npm start`;

await runCommand(async () => {
  const asked = readFaultArguments(process.argv.slice(2));
  if (asked === undefined) return console.log(USAGE);
  const { fault, comet, topicPort } = asked;
  const url = `http://${HOST}:${topicPort}/comets/${encodeURIComponent(comet)}/${fault}`;
  const response = await fetch(url, { method: 'POST' });
  const { message } = (await response.json()) as { message?: string };
  if (!response.ok) throw new ProduceError(message ?? `the local set answered ${response.status}`);
  console.log(`${comet}: ${fault}`);
});
