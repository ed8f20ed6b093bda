import * as v from 'valibot';
import { readEntries } from './domain/comet-entry.ts';
import { ServiceError } from './errors.ts';

/** An empty variable counts as unset: that is how serverless.yml passes on what the deployer did not set. */
const optional = v.pipe(
  v.optional(v.string(), ''),
  v.transform((text) => (text === '' ? undefined : text)),
);
const required = v.pipe(v.optional(v.string(), ''), v.nonEmpty('is required'));
const choice = <const T extends readonly [string, ...string[]]>(options: T, fallback: T[number]) =>
  v.pipe(
    optional,
    v.transform((text) => text ?? fallback),
    v.picklist(options, `is not one of ${options.join(', ')}`),
  );

const NOT_SECONDS = 'is not a whole number of seconds';
const seconds = v.pipe(
  optional,
  v.transform((text) => text ?? '0'),
  v.regex(/^\d{1,9}$/, NOT_SECONDS),
  v.transform(Number),
);

const NOT_COMETS = 'is not a map of comet id to a list of addresses';
const NO_COMET = 'names no comet';
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
/** Not valibot's `record`, which takes a list for a map and leaves out a comet named `constructor`. */
const isCometMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isTexts);

/** By their places: an id may be as wrong as the rest of the text. */
const entryProblems = (comets: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(comets).flatMap(([id, addresses], index) =>
    readEntries([{ id, addresses }]).refused.map(({ problem }) => `comet ${index + 1}: ${problem}`),
  );
const goodEntries = v.rawCheck<Readonly<Record<string, readonly string[]>>>(({ dataset, addIssue }) => {
  const problems = dataset.typed ? entryProblems(dataset.value) : [];
  if (problems.length > 0) addIssue({ message: `has entries that are wrong: ${problems.join('; ')}` });
});

/** Of the comets. A token by itself is for the local set alone; else the place of a secret: its ARN, or on the local set a file. */
const access = { COMET_TOKEN: optional, COMET_TOKEN_SECRET: optional, COMET_TLS_SECRET: optional };
const tables = { FLEET_TABLE: required, ROOMS_TABLE: required };
const parking = {
  BEHIND_TABLE: required,
  PARKED_TABLE: required,
  DEAD_LETTERS_TABLE: required,
  REDELIVER_FUNCTION: required,
  MESSAGE_TTL_S: seconds,
};

export const dispatchSchema = v.object({
  ...tables,
  ...parking,
  DELIVERY: choice(['invoke', 'inline'], 'invoke'),
  DELIVER_FUNCTION: required,
  ROOM_ROUTING: choice(['table', 'all'], 'table'),
  ...access,
});

export const deliverSchema = v.object(access);

export const redeliverSchema = v.object({
  ...parking,
  FLEET_TABLE: required,
  LEASES_TABLE: required,
  ...access,
});

const mergeRooms = {
  ...tables,
  LEASES_TABLE: required,
  BEHIND_TABLE: required,
  REDELIVER_FUNCTION: required,
  ...access,
};
const NOT_REGISTRY = 'is not one of static, table, discovery';

const staticSchema = v.object({
  ...mergeRooms,
  REGISTRY: v.pipe(
    optional,
    v.transform((text) => text ?? 'static'),
    v.literal('static', NOT_REGISTRY),
  ),
  COMETS: v.pipe(
    required,
    v.parseJson(undefined, 'is not JSON'),
    v.custom<Readonly<Record<string, readonly string[]>>>(isCometMap, NOT_COMETS),
    v.check((comets) => Object.keys(comets).length > 0, NO_COMET),
    goodEntries,
  ),
});

const isHttpUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol);
};

const discoverySchema = v.object({
  ...mergeRooms,
  REGISTRY: v.literal('discovery', NOT_REGISTRY),
  DISCOVERY_URLS: v.pipe(
    required,
    v.transform((text) => text.split(',').map((url) => url.trim())),
    v.check((urls) => urls.every(isHttpUrl), 'is not a comma-separated list of http:// or https:// URLs'),
  ),
  DISCOVERY_APPID: v.pipe(
    optional,
    v.transform((text) => text ?? 'goim.comet'),
  ),
  DISCOVERY_ENV: required,
  DISCOVERY_ZONE: optional,
});

/** The fleet stands in a table of its own, which is changed without a deploy. */
const tableSchema = v.object({
  ...mergeRooms,
  REGISTRY: v.literal('table', NOT_REGISTRY),
  COMETS_TABLE: required,
});

/** By the registry that is chosen, since each needs variables of its own. */
export const registrySchemas = { static: staticSchema, table: tableSchema, discovery: discoverySchema };

/** An unknown one is the static one, which refuses it. */
const registryOf = (env: unknown): keyof typeof registrySchemas => {
  const name = (env as NodeJS.ProcessEnv)['REGISTRY'] ?? '';
  return Object.hasOwn(registrySchemas, name) ? (name as keyof typeof registrySchemas) : 'static';
};

export const mergeRoomsSchema = v.lazy((env) => registrySchemas[registryOf(env)]);

/** Each schema brings its own messages: valibot's quote the value. */
type Schema = v.GenericSchema<unknown, object>;

/** The function's configuration, frozen. Throws `CONFIG_INVALID` with every problem at once and no value. */
export const readConfig = <S extends Schema>(
  schema: S,
  env: NodeJS.ProcessEnv,
): Readonly<v.InferOutput<S>> => {
  const parsed = v.safeParse(schema, env, { abortPipeEarly: true });
  if (parsed.success) return Object.freeze(parsed.output);
  const problems = parsed.issues.map((issue) => `${String(issue.path?.[0]?.key)} ${issue.message}`);
  throw new ServiceError('CONFIG_INVALID', `The configuration is invalid: ${problems.join('; ')}`, {
    retryable: true,
    details: { problems },
  });
};
