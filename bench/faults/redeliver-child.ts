import { startInvokeApi } from '../../local/invoke-api/invoke-api.ts';
import { contextOf, functionEnvironment, REDELIVER_LIMIT_MS } from '../../local/set/function-environment.ts';

/** `redeliver` behind an Invoke API, in a process of its own as in AWS, with its sweep. Arguments: DynamoDB's address, the tables' names as JSON. */
const SWEEP_MS = 60_000;
const [dynamodb = '', tables = '{}'] = process.argv.slice(2);

const redeliver = async (event: unknown): Promise<unknown> => {
  const { handler } = await import('../../functions/redeliver.ts');
  return await handler(event, contextOf(REDELIVER_LIMIT_MS));
};

const { url } = await startInvokeApi((_name, event) => redeliver(event));
Object.assign(process.env, functionEnvironment({ dynamodb, lambda: url, tables: JSON.parse(tables) }));
setInterval(() => redeliver({}).catch(() => {}), SWEEP_MS);
process.on('disconnect', () => process.exit());
process.send?.({ address: url });
