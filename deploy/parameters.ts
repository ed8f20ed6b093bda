import * as v from 'valibot';

/** An empty parameter is none. */
const optional = <S extends v.GenericSchema<string, unknown>>(schema: S) =>
  v.lazy(
    (value): v.GenericSchema<string, v.InferOutput<S> | undefined> =>
      value === ''
        ? v.pipe(
            v.string(),
            v.transform(() => undefined),
          )
        : (schema as v.GenericSchema<string, v.InferOutput<S>>),
  );

const text = (pattern: RegExp, problem: string) => v.pipe(v.string(), v.regex(pattern, problem));

const whole = (min: number, max: number) => {
  const problem = `is not a whole number from ${min} to ${max}`;
  return v.pipe(
    text(/^\d{1,10}$/, problem),
    v.transform(Number),
    v.minValue(min, problem),
    v.maxValue(max, problem),
  );
};

const choice = <const T extends readonly [string, ...string[]]>(options: T) =>
  v.picklist(options, `is not ${options.join(' or ')}`);

const isOn = v.pipe(
  choice(['off', 'on']),
  v.transform((value) => value === 'on'),
);

const splitList = (list: string): string[] => list.split(',').map((item) => item.trim());

const list = (item: RegExp, max: number, what: string) =>
  v.pipe(
    v.string(),
    v.transform(splitList),
    v.check((items) => items.every((one) => item.test(one)), `is not a comma-separated list of ${what}`),
    v.maxLength(max, `has more than ${max} ${what}`),
  );

const arn = (service: string, resource: RegExp, what: string) =>
  text(
    new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:${resource.source}$`),
    `is not the ARN of ${what}`,
  );

const secretArn = optional(arn('secretsmanager', /secret:[\w/+=.@-]+/, 'a secret of Secrets Manager'));
const keyArn = optional(arn('kms', /key\/[\w-]+/, 'a KMS key'));

const NOT_TIME = 'is not a time like 2026-11-25T12:00:00Z';
/** Seconds since 1970, as CloudFormation takes it. */
const time = v.pipe(
  text(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/, NOT_TIME),
  v.transform((value) => Date.parse(value) / 1000),
  v.safeInteger(NOT_TIME),
);

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG = /^(?!aws:)[\p{L}\p{N} _.:/+@-]{1,128}=[\p{L}\p{N} _.:/=+@-]{0,256}$/u;
const tags = v.pipe(
  list(TAG, 45, 'tags, each name=value'),
  v.transform((items) =>
    Object.fromEntries(
      items.map((item) => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)]),
    ),
  ),
);

const HOST_AND_PORT = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}):\d{1,5}$/;
/** https://docs.aws.amazon.com/lambda/latest/api/API_AmazonManagedKafkaEventSourceConfig.html */
const GROUP = /^[\w/*:+=.@-]{1,200}$/;
/** Kafka's own rule of a topic's name. */
const TOPIC = /^(?!\.{1,2}$)[\w.-]{1,249}$/;

const parameters = v.object({
  subnetIds: list(/^subnet-[0-9a-f]{8,17}$/, 16, 'subnet ids'),
  securityGroupIds: list(/^sg-[0-9a-f]{8,17}$/, 5, 'security group ids'),
  trigger: isOn,
  clusterArn: optional(arn('kafka', /cluster\/[\w-]+\/[\w-]+/, 'an MSK cluster')),
  bootstrapServers: optional(list(HOST_AND_PORT, 10, 'brokers, each host:port')),
  kafkaNetwork: choice(['vpc', 'internet']),
  topic: text(TOPIC, 'is not the name of a topic'),
  consumerGroupId: text(GROUP, 'is not a consumer group id'),
  startingPosition: choice(['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP']),
  startingTime: optional(time),
  batchSize: whole(1, 10_000),
  windowS: optional(whole(0, 300)),
  minimumPollers: optional(whole(1, 200)),
  maximumPollers: optional(whole(1, 2000)),
  scramSecretArn: secretArn,
  scram256SecretArn: secretArn,
  plainSecretArn: secretArn,
  mtlsSecretArn: secretArn,
  kafkaCaSecretArn: secretArn,
  kafkaSecretKeyArn: keyArn,
  cometTokenSecretArn: secretArn,
  cometTlsSecretArn: secretArn,
  cometSecretKeyArn: keyArn,
  kmsKeyArn: keyArn,
  keptTables: isOn,
  reservedConcurrency: isOn,
  alarmTopicArn: optional(arn('sns', /[\w.-]+/, 'an SNS topic')),
  offsetLagAlarm: whole(1, 1_000_000_000),
  tracing: isOn,
  deadLettersStream: isOn,
  tags: optional(tags),
});

/** What `--param` says, checked; lists are lists, what is not given is undefined. */
export type Parameters = v.InferOutput<typeof parameters>;

interface Service {
  readonly configurationInput: {
    readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  };
  readonly processedInput: { readonly options: { readonly param?: readonly string[] } };
  readonly service: { readonly provider: { readonly stage: string } };
}

const ofCommandLine = ({ param = [] }: Service['processedInput']['options']): [string, string][] =>
  param.map((item) => {
    const at = item.indexOf('=');
    return [item.slice(0, at), item.slice(at + 1)];
  });

/** Every parameter as it was typed, trimmed; the framework's own order: the command line, the stage's, the default. */
export const givenParameters = ({
  configurationInput,
  processedInput,
  service,
}: Service): Readonly<Record<string, string>> => {
  const { params = {} } = configurationInput;
  const given = {
    ...params['default'],
    ...params[service.provider.stage],
    ...Object.fromEntries(ofCommandLine(processedInput.options)),
  };
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value ?? '').trim()]));
};

const KNOWN = Object.keys(parameters.entries);

const nameOf = ({ path }: v.BaseIssue<unknown>): string => String(path?.[0]?.key);

const problemOf = (issue: v.BaseIssue<unknown>, given: Readonly<Record<string, string>>): string => {
  const name = nameOf(issue);
  return `--param ${name} ${(given[name] ?? '') === '' ? 'is required' : issue.message}`;
};

const unknownIn = (given: Readonly<Record<string, string>>): string[] => {
  const unknown = Object.keys(given).filter((name) => !KNOWN.includes(name));
  return unknown.map((name) => `--param ${name} is unknown; there are ${KNOWN.toSorted().join(', ')}`);
};

export interface Read {
  /** Undefined if there is a problem. */
  readonly parameters: Parameters | undefined;
  readonly readable: Partial<Parameters>;
  readonly unreadable: readonly string[];
  /** Named by what was typed. */
  readonly problems: readonly string[];
}

/** What can be read of the parameters, and every problem of the others. */
export const readParameters = (given: Readonly<Record<string, string>>): Read => {
  const { success, output, issues = [] } = v.safeParse(parameters, given, { abortPipeEarly: true });
  const problems = [...unknownIn(given), ...issues.map((issue) => problemOf(issue, given))];
  const unreadable = issues.map(nameOf);
  const readable = Object.entries(output as object).filter(([name]) => !unreadable.includes(name));
  return {
    parameters: success && problems.length === 0 ? output : undefined,
    readable: Object.fromEntries(readable),
    unreadable,
    problems,
  };
};
