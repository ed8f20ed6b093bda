import type { MetricName } from '../lib/log.ts';
import type { Resource } from './template.ts';

const FUNCTIONS = ['dispatch', 'deliver', 'redeliver', 'mergeRooms'] as const;
const TABLES = ['fleet', 'rooms', 'comets', 'behind', 'parked', 'dead-letters', 'leases'] as const;
type FunctionName = (typeof FUNCTIONS)[number];

interface Options {
  readonly stat?: string;
  readonly label?: string;
  readonly yAxis?: 'right';
}
/** Namespace, name, dimensions as name and value in turn, options. */
type Metric = readonly (string | Options)[];

interface Graph {
  readonly title: string;
  readonly stat: string;
  readonly metrics: readonly Metric[];
}

/** The metrics of the set `prefix`, e.g. `goim-job-prod`. */
const metricsOf = (prefix: string) => ({
  own: (name: MetricName, of: FunctionName, options: Options = {}): Metric => [
    'GoimJob',
    name,
    'service',
    prefix,
    'function',
    of,
    { label: name, ...options },
  ],
  lambda: (name: string, functions: readonly FunctionName[] = FUNCTIONS): Metric[] =>
    functions.map((of) => ['AWS/Lambda', name, 'FunctionName', `${prefix}-${of}`, { label: of }]),
  table: (name: string): Metric[] =>
    TABLES.map((of) => ['AWS/DynamoDB', name, 'TableName', `${prefix}-${of}`, { label: of }]),
});
type Metrics = ReturnType<typeof metricsOf>;

const GIVEN_UP = [
  'DeadLetters',
  'DroppedExpired',
  'DroppedGone',
  'DroppedRefused',
  'DroppedSlow',
  'DroppedParkedTooLong',
  'DroppedTooLargeToPark',
] as const;

const flow = ({ own, lambda }: Metrics): Graph[] => [
  {
    title: 'Flow: records in, ops out',
    stat: 'Sum',
    metrics: [
      own('Records', 'dispatch'),
      own('Delivered', 'dispatch'),
      own('Redelivered', 'redeliver'),
      own('Retried', 'dispatch'),
    ],
  },
  {
    title: 'Age of the oldest record when its batch is done, ms',
    stat: 'p50',
    metrics: [
      own('RecordAgeMs', 'dispatch', { label: 'p50' }),
      own('RecordAgeMs', 'dispatch', { label: 'p99', stat: 'p99' }),
    ],
  },
  { title: 'Lag of the group, records', stat: 'Maximum', metrics: lambda('OffsetLag', ['dispatch']) },
];

const trouble = ({ own, lambda }: Metrics): Graph[] => [
  {
    title: 'Parked ops, and the age of the oldest, ms',
    stat: 'Sum',
    metrics: [
      own('Parked', 'dispatch'),
      own('Redelivered', 'redeliver'),
      own('ParkedAgeMs', 'redeliver', { stat: 'Maximum', yAxis: 'right' }),
    ],
  },
  {
    title: 'Given up: dead letters, and why',
    stat: 'Sum',
    metrics: (['dispatch', 'redeliver'] as const).flatMap((of) =>
      GIVEN_UP.map((name) => own(name, of, { label: `${of} ${name}` })),
    ),
  },
  { title: 'Age of the merge, ms', stat: 'Maximum', metrics: [own('MergeAgeMs', 'mergeRooms')] },
  { title: 'Errors', stat: 'Sum', metrics: lambda('Errors') },
  { title: 'Throttles', stat: 'Sum', metrics: lambda('Throttles') },
  { title: 'Concurrency', stat: 'Maximum', metrics: lambda('ConcurrentExecutions') },
];

const cost = ({ own, lambda, table }: Metrics): Graph[] => [
  { title: 'Cost: invocations', stat: 'Sum', metrics: lambda('Invocations') },
  { title: 'Cost: duration, ms', stat: 'Sum', metrics: lambda('Duration') },
  { title: 'Cost: calls to comets', stat: 'Sum', metrics: [own('Rpcs', 'dispatch')] },
  { title: 'Cost: read units', stat: 'Sum', metrics: table('ConsumedReadCapacityUnits') },
  { title: 'Cost: write units', stat: 'Sum', metrics: table('ConsumedWriteCapacityUnits') },
];

/** Three in a row of CloudWatch's 24 columns. */
const widgetOf = ({ title, stat, metrics }: Graph, index: number) => ({
  type: 'metric',
  x: (index % 3) * 8,
  y: Math.floor(index / 3) * 6,
  width: 8,
  height: 6,
  properties: { title, stat, metrics, period: 60, region: `\${AWS::Region}` },
});

/**
 * What flows, how late, what is parked or given up, and what it costs; `prefix` is the set's, e.g. `goim-job-prod`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export const dashboardResource = (prefix: string): Resource => {
  const metrics = metricsOf(prefix);
  const widgets = [...flow(metrics), ...trouble(metrics), ...cost(metrics)].map(widgetOf);
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardName: prefix, DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) } },
  };
};
