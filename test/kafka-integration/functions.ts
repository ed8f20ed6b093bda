import { startInvokeApi } from '../../local/invoke-api/invoke-api.ts';
import {
  contextOf,
  DISPATCH_LIMIT_MS,
  functionEnvironment,
  REDELIVER_LIMIT_MS,
} from '../../local/set/function-environment.ts';
import { startTables, tableNames } from '../../local/tables.ts';

/** The functions in this process, as Lambda calls them; `dispatch` calls the comets itself, and wakes `redeliver`. */
export interface Functions {
  dispatch(event: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** mergeRooms ends 30 s before its limit. */
const MERGE_MS = 31_000;

/** A room list is fresh for some seconds after a merge: from then on room messages go to all comets. */
export const openFunctions = async (comets: string): Promise<Functions> => {
  const tables = await startTables();
  const lambda = await startInvokeApi(async (_name, event) => {
    const { handler } = await import('../../functions/redeliver.ts');
    return handler(event, contextOf(REDELIVER_LIMIT_MS));
  });
  const endpoints = { dynamodb: tables.endpoint, lambda: lambda.url, tables: tableNames() };
  Object.assign(process.env, functionEnvironment(endpoints), { COMETS: comets });
  // They read the environment: some of it as soon as they are imported, the rest with the first call.
  const { handler: mergeRooms } = await import('../../functions/merge-rooms.ts');
  const { handler: dispatch } = await import('../../functions/dispatch.ts');
  await mergeRooms({}, contextOf(MERGE_MS));
  return {
    dispatch: (event) => dispatch(event, contextOf(DISPATCH_LIMIT_MS)),
    close: async () => {
      await Promise.all([lambda.close(), tables.close()]);
    },
  };
};
