import {
  contextOf,
  type Endpoints,
  functionEnvironment,
  MERGE_ROOMS_LIMIT_MS,
} from '../../local/set/function-environment.ts';

/** `mergeRooms` in a process of its own, always. Arguments: the endpoints, and the addresses by comet, as JSON. */
const [endpoints = '{}', addresses = '{}'] = process.argv.slice(2);
const comets = Object.entries(JSON.parse(addresses)).map(([id, address]) => [id, [address]]);
Object.assign(process.env, functionEnvironment(JSON.parse(endpoints) as Endpoints), {
  COMETS: JSON.stringify(Object.fromEntries(comets)),
});

const { handler } = await import('../../functions/merge-rooms.ts');
process.on('disconnect', () => process.exit());
process.send?.('ready');
for (;;) await handler({}, contextOf(MERGE_ROOMS_LIMIT_MS));
