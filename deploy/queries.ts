import type { Resource } from './template.ts';

interface Query {
  readonly id: string;
  readonly name: string;
  readonly functions: readonly string[];
  readonly lines: readonly string[];
}

const ALL = ['dispatch', 'deliver', 'redeliver', 'mergeRooms'];

const QUERIES: readonly Query[] = [
  {
    id: 'TroubleQuery',
    name: 'what went wrong, and since when',
    functions: ALL,
    lines: [
      'filter level in ["WARN", "ERROR"]',
      'stats count(*) as lines, min(@timestamp) as first, max(@timestamp) as last by function, message, code, reason, comet',
      'sort last desc',
    ],
  },
  {
    id: 'CometQuery',
    name: 'one comet, in order',
    functions: ALL,
    lines: [
      'fields @timestamp, function, level, message, @message',
      'filter comet = "comet-1"',
      'sort @timestamp asc',
    ],
  },
  {
    id: 'PartitionQuery',
    name: 'one partition, batch by batch',
    functions: ['dispatch'],
    lines: [
      'fields @timestamp, records, delivered, parked, durationMs, @message',
      'filter message = "batch" and @message like "goim-push-topic/0:"',
      'sort @timestamp asc',
    ],
  },
  {
    id: 'SlowBatchesQuery',
    name: 'the slowest batches',
    functions: ['dispatch'],
    lines: [
      'fields @timestamp, durationMs, records, parked, @message',
      'filter message = "batch"',
      'sort durationMs desc',
      'limit 50',
    ],
  },
  {
    id: 'MemoryQuery',
    name: 'memory, cold starts and time that is billed',
    functions: ALL,
    lines: [
      'filter @type = "REPORT"',
      'stats count(*) as invocations, count(@initDuration) as coldStarts, max(@maxMemoryUsed / 1000000) as usedMB, max(@memorySize / 1000000) as givenMB, sum(@billedDuration) as billedMs by @log, bin(1h)',
    ],
  },
];

/** Saved in CloudWatch Logs Insights, in the folder of the set `prefix`, e.g. `goim-job-prod`. */
export const queryResources = (prefix: string): Record<string, Resource> =>
  Object.fromEntries(
    QUERIES.map(({ id, name, functions, lines }) => [
      id,
      {
        Type: 'AWS::Logs::QueryDefinition',
        Properties: {
          Name: `${prefix}/${name}`,
          LogGroupNames: functions.map((of) => `/aws/lambda/${prefix}-${of}`),
          QueryString: lines.join('\n| '),
        },
      },
    ]),
  );
