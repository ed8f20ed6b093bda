export interface Endpoints {
  readonly dynamodb: string;
  readonly lambda: string;
  /** Table names by logical id of serverless.yml. */
  readonly tables: Readonly<Record<string, string>>;
}

/** By which the functions find their tables. */
export const tableVariables = (tables: Endpoints['tables']): Record<string, string> => ({
  FLEET_TABLE: tables['FleetTable'] ?? '',
  ROOMS_TABLE: tables['RoomsTable'] ?? '',
  LEASES_TABLE: tables['LeasesTable'] ?? '',
  BEHIND_TABLE: tables['BehindTable'] ?? '',
  PARKED_TABLE: tables['ParkedTable'] ?? '',
  DEAD_LETTERS_TABLE: tables['DeadLettersTable'] ?? '',
});

/** What a deploy sets for the functions; to be set before they are imported. By default `dispatch` calls the comets itself. */
export const functionEnvironment = ({ dynamodb, lambda, tables }: Endpoints): Record<string, string> => ({
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
  AWS_ENDPOINT_URL_LAMBDA: lambda,
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_LOG_LEVEL: process.env['POWERTOOLS_LOG_LEVEL'] ?? 'CRITICAL',
  ...tableVariables(tables),
  REDELIVER_FUNCTION: 'goim-job-dev-redeliver',
  DELIVER_FUNCTION: 'goim-job-dev-deliver',
  DELIVERY: 'inline',
});

/** A Lambda context with this much time left. */
export const contextOf = (ms: number) => {
  const endsAt = performance.now() + ms;
  return { getRemainingTimeInMillis: () => endsAt - performance.now() };
};

/** The functions' limits in serverless.yml. */
export const DISPATCH_LIMIT_MS = 60_000;
export const DELIVER_LIMIT_MS = 15_000;
export const REDELIVER_LIMIT_MS = 900_000;
export const MERGE_ROOMS_LIMIT_MS = 900_000;
