import { runCommand } from './command-line.ts';
import { HOST } from './ports.ts';
import { produceTo } from './produce.ts';
import { PUSH_USAGE, readPushArguments } from './push-arguments.ts';

await runCommand(async () => {
  const push = readPushArguments(process.argv.slice(2));
  if (push === undefined) return console.log(PUSH_USAGE);
  const { topic, topicPort, record } = push;
  const [position] = await produceTo(`http://${HOST}:${topicPort}`, topic, [record]);
  console.log(`${topic} partition ${position?.partition} offset ${position?.offset}`);
});
