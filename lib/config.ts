import * as v from 'valibot';
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

const NOT_COMETS = 'is not a map of comet id to a list of addresses';

const tables = { FLEET_TABLE: required, ROOMS_TABLE: required };

export const dispatchSchema = v.object({
  ...tables,
  DEAD_LETTERS_TABLE: required,
  DELIVERY: choice(['invoke', 'inline'], 'invoke'),
  DELIVER_FUNCTION: required,
  ROOM_ROUTING: choice(['table', 'all'], 'table'),
  COMET_TOKEN: optional,
});

export const deliverSchema = v.object({ COMET_TOKEN: optional });

const mergeRooms = { ...tables, LEASES_TABLE: required, COMET_TOKEN: optional };
const NOT_REGISTRY = 'is not one of static, discovery';

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
    v.record(v.string(), v.array(v.string(NOT_COMETS), NOT_COMETS), NOT_COMETS),
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

/** By the registry that is chosen, since each needs variables of its own. */
export const registrySchemas = { static: staticSchema, discovery: discoverySchema };

const registryOf = (env: unknown): keyof typeof registrySchemas =>
  (env as NodeJS.ProcessEnv)['REGISTRY'] === 'discovery' ? 'discovery' : 'static';

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
