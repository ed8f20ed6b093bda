import { startTables, tableNames } from '../../local/tables.ts';

/** The functions in this process, as Lambda calls them; `dispatch` calls the comets itself. */
export interface Functions {
  dispatch(event: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** mergeRooms ends 30 s before its limit. */
const MERGE_MS = 31_000;
const DISPATCH_MS = 60_000;

const remaining = (ms: number) => ({ getRemainingTimeInMillis: () => ms });

/** A room list is fresh for some seconds after a merge: from then on room messages go to all comets. */
export const openFunctions = async (comets: string): Promise<Functions> => {
  const tables = await startTables();
  const names = tableNames();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: process.env['POWERTOOLS_LOG_LEVEL'] ?? 'CRITICAL',
    FLEET_TABLE: names['FleetTable'],
    ROOMS_TABLE: names['RoomsTable'],
    LEASES_TABLE: names['LeasesTable'],
    DEAD_LETTERS_TABLE: names['DeadLettersTable'],
    DELIVER_FUNCTION: 'unused',
    DELIVERY: 'inline',
    COMETS: comets,
  });
  // They read the environment: some of it as soon as they are imported, the rest with the first call.
  const { handler: mergeRooms } = await import('../../functions/merge-rooms.ts');
  const { handler: dispatch } = await import('../../functions/dispatch.ts');
  await mergeRooms({}, remaining(MERGE_MS));
  return { dispatch: (event) => dispatch(event, remaining(DISPATCH_MS)), close: tables.close };
};
