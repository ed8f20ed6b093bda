import { createBehindTable } from '../../lib/store/behind.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { startInvokeApi } from '../../local/invoke-api/invoke-api.ts';
import {
  contextOf,
  DELIVER_LIMIT_MS,
  DISPATCH_LIMIT_MS,
  type Endpoints,
  functionEnvironment,
  REDELIVER_LIMIT_MS,
} from '../../local/set/function-environment.ts';

/** All four functions in this process; `dispatch` calls `deliver` and wakes `redeliver` over the Invoke API, schedules included. */
export interface LocalFunctions {
  dispatch(event: unknown): Promise<unknown>;
  /** How many marks there are. */
  marks(): Promise<number>;
}

const SWEEP_MS = 60_000;
/** mergeRooms ends 30 s before its limit: its lease changes hands now and then. */
const MERGE_MS = 61_000;

export const openLocalFunctions = async (
  at: Omit<Endpoints, 'lambda'>,
  comets: Readonly<Record<string, string>>,
): Promise<LocalFunctions> => {
  const run = async (name: string, event: unknown): Promise<unknown> => {
    if (name.endsWith('redeliver')) return await redeliver(event, contextOf(REDELIVER_LIMIT_MS));
    return await deliver(event, contextOf(DELIVER_LIMIT_MS));
  };
  const api = await startInvokeApi(run);
  const fleet = Object.fromEntries(Object.entries(comets).map(([id, address]) => [id, [address]]));
  Object.assign(process.env, functionEnvironment({ ...at, lambda: api.url }), {
    DELIVERY: 'invoke',
    COMETS: JSON.stringify(fleet),
  });
  const { handler: deliver } = await import('../../functions/deliver.ts');
  const { handler: redeliver } = await import('../../functions/redeliver.ts');
  const { handler: mergeRooms } = await import('../../functions/merge-rooms.ts');
  const { handler: dispatch } = await import('../../functions/dispatch.ts');
  const merge = async (): Promise<never> => {
    for (;;) await mergeRooms({}, contextOf(MERGE_MS));
  };
  void merge();
  setInterval(() => redeliver({}, contextOf(REDELIVER_LIMIT_MS)).catch(() => {}), SWEEP_MS);
  const behind = createBehindTable(openDynamoDb(), at.tables['BehindTable'] ?? '');
  return {
    dispatch: (event) => dispatch(event, contextOf(DISPATCH_LIMIT_MS)),
    marks: async () => (await behind.scan()).length,
  };
};
