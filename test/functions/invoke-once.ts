import { contextOf } from '../../local/set/function-environment.ts';

/** One invocation in a process of its own, as Lambda has it: file, event, ms. */
const [file = '', event = '{}', limitMs = '0'] = process.argv.slice(2);
const { handler } = await import(`../../functions/${file}.ts`);
console.log(JSON.stringify(await handler(JSON.parse(event), contextOf(Number(limitMs)))));
process.exit(0);
