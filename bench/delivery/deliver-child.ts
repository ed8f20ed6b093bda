import { setTimeout as sleep } from 'node:timers/promises';
import { handler } from '../../functions/deliver.ts';
import { startInvokeApi } from '../../local/invoke-api/invoke-api.ts';
import { contextOf, DELIVER_LIMIT_MS } from '../../local/set/function-environment.ts';
import { COMET_S, INVOKE_S } from '../cost/batch-work.ts';

/** `deliver` behind an Invoke API, as far away as the cost model assumes; each question is answered with its CPU time so far, µs. */
const AWAY_MS = 1000 * (INVOKE_S + COMET_S);

const { url } = await startInvokeApi(async (_name, event) => {
  await sleep(AWAY_MS);
  return await handler(event, contextOf(DELIVER_LIMIT_MS));
});
process.on('disconnect', () => process.exit());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.send?.({ address: url });
