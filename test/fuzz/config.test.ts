import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as configModule from '../../lib/config.ts';
import { ServiceError } from '../../lib/errors.ts';
import { broken } from './byte-inputs.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const { readConfig, mergeRoomsSchema, registrySchemas, ...others } = configModule;
type Env = Record<string, string | undefined>;

/** In every value that must not be repeated. */
const SECRET = 'zq9';
/** What a text comes to; undefined: it is to be refused. */
type Read = { readonly value: unknown } | undefined;
type Rule = (text: string) => Read;

const required: Rule = (text) => (text === '' ? undefined : { value: text });
const defaulted =
  (fallback: string | undefined): Rule =>
  (text) => ({ value: text === '' ? fallback : text });
const choice =
  (first: string, ...more: string[]): Rule =>
  (text) =>
    ['', first, ...more].includes(text) ? { value: text || first } : undefined;

const isHttp = (text: string): boolean => {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
};
const urls: Rule = (text) => {
  const list = text.split(',').map((url) => url.trim());
  return list.every(isHttp) ? { value: list } : undefined;
};

const SCHEME = /^(https?|grpcs?|gorpc):$/;
const isAddress = (one: unknown): boolean => {
  try {
    const { protocol, hostname, port, search } = new URL(one as string);
    const isWhole = protocol !== 'gorpc:' || (port !== '' && /^(\?bodies=(json|any))?$/.test(search));
    return SCHEME.test(protocol) && hostname !== '' && isWhole;
  } catch {
    return false;
  }
};
const isCometId = (id: string): boolean =>
  id !== '' && !id.startsWith('#') && id.isWellFormed() && Buffer.byteLength(id) <= 1024;

const comets: Rule = (text) => {
  try {
    const map: unknown = JSON.parse(text);
    if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined;
    const isList = (list: unknown) =>
      Array.isArray(list) &&
      list.length > 0 &&
      list.every((one) => typeof one === 'string') &&
      list.every(isAddress);
    const entries = Object.entries(map);
    const isGood = entries.every(([id, list]) => isCometId(id) && isList(list));
    return entries.length > 0 && isGood ? { value: map } : undefined;
  } catch {
    return undefined;
  }
};

const seconds: Rule = (text) => (/^\d{0,9}$/.test(text) ? { value: Number(text) } : undefined);

const RULES: Record<string, Rule> = {
  COMET_TOKEN: defaulted(undefined),
  COMET_TOKEN_SECRET: defaulted(undefined),
  COMET_TLS_SECRET: defaulted(undefined),
  DELIVERY: choice('invoke', 'inline'),
  ROOM_ROUTING: choice('table', 'all'),
  REGISTRY: choice('static', 'table', 'discovery'),
  COMETS: comets,
  DISCOVERY_URLS: urls,
  DISCOVERY_APPID: defaulted('goim.comet'),
  DISCOVERY_ENV: required,
  DISCOVERY_ZONE: defaulted(undefined),
};

const ruleOf = (name: string): Rule => {
  const rule = /_(?:TABLE|FUNCTION)$/.test(name) ? required : /_S$/.test(name) ? seconds : RULES[name];
  if (rule === undefined) throw new Error(`${name} has no rule in this test`);
  return rule;
};

const odd = fc.oneof(
  fc.string().map((text) => SECRET + text),
  fc.constantFrom(undefined, '', ' ', '0', `${SECRET}://x`),
);
const cometMap = fc.dictionary(
  fc.constantFrom(`${SECRET}-1`, `${SECRET}-2`, 'comet-3'),
  fc.array(fc.constantFrom(`http://${SECRET}`, 'grpc://h:1', 'gorpc://h:1?bodies=any')),
);
const ODD_MAPS = ['{"constructor":["http://a"]}', '{"__proto__":["http://a"]}', '[]', '[["http://a"]]', '{}'];
const url = fc.constantFrom(`http://user:${SECRET}@a:7171`, 'https://b/base', ' http://c ', 'http://[::1]:1');
const badUrl = fc.constantFrom(`${SECRET}:7171`, `tcp://${SECRET}`, '', 'http://', `http://${SECRET}:99999`);
const asText = (bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<string> => bytes.map((one) => one.toString());

const good = (name: string): fc.Arbitrary<string> => {
  switch (name) {
    case 'COMETS':
      return fc.oneof(
        { weight: 3, arbitrary: cometMap.map((map) => JSON.stringify(map)) },
        { weight: 3, arbitrary: oddJson(cometMap) },
        { weight: 1, arbitrary: fc.constantFrom(...ODD_MAPS) },
      );
    case 'DISCOVERY_URLS':
      return fc.array(url, { minLength: 1, maxLength: 3 }).map((list) => list.join(','));
    case 'DELIVERY':
      return fc.constantFrom('invoke', 'inline', '');
    case 'ROOM_ROUTING':
      return fc.constantFrom('table', 'all', '');
    case 'REGISTRY':
      return fc.constantFrom('static', 'table', 'discovery', '');
    default:
      return /_S$/.test(name)
        ? fc.nat(100_000).map(String)
        : fc.string({ minLength: 1 }).map((text) => SECRET + text);
  }
};
const strange = (name: string): fc.Arbitrary<string | undefined> => {
  if (name === 'COMETS')
    return fc.oneof(anyJson, asText(broken(oddJson(cometMap).map((text) => Buffer.from(text)))));
  if (name === 'DISCOVERY_URLS')
    return fc.array(fc.oneof(url, badUrl), { maxLength: 3 }).map((list) => list.join(','));
  return /_S$/.test(name)
    ? fc.oneof(odd, fc.constantFrom('-1', '1e999', '0x10', '1.5', '٣', '9'.repeat(400)))
    : odd;
};

type Variables = readonly string[];
interface Target {
  readonly schema: Parameters<typeof readConfig>[0];
  /** By the registry that an environment names. */
  readonly variablesOf: (env: Env) => Variables;
}
const variablesOf = (schema: { readonly entries: object }): Variables => Object.keys(schema.entries);

/** Each of the module's schemas, also those that come later. */
const targets: Target[] = [
  {
    schema: mergeRoomsSchema,
    variablesOf: ({ REGISTRY = '' }) =>
      variablesOf(
        REGISTRY === 'discovery' || REGISTRY === 'table' ? registrySchemas[REGISTRY] : registrySchemas.static,
      ),
  },
  ...Object.values(others).flatMap((schema) =>
    'entries' in schema ? [{ schema, variablesOf: () => variablesOf(schema) }] : [],
  ),
];
const allVariables = [
  ...new Set([
    ...targets.flatMap((target) => target.variablesOf({})),
    ...['table', 'discovery'].flatMap((REGISTRY) =>
      targets.flatMap((target) => target.variablesOf({ REGISTRY })),
    ),
  ]),
];
/** Most variables are good, so that half of the environments are. */
const env: fc.Arbitrary<Env> = fc.record(
  Object.fromEntries(
    allVariables.map((name) => [
      name,
      fc.oneof({ weight: 15, arbitrary: good(name) }, { weight: 1, arbitrary: strange(name) }),
    ]),
  ),
);
const inputs = fc.record({ which: fc.nat(targets.length - 1), env });

const readIndependently = (variables: Variables, given: Env): [name: string, read: Read][] =>
  variables.map((name) => [name, ruleOf(name)(given[name] ?? '')]);

/** With own keys as they are, `__proto__` too. */
const plain = (value: unknown): string => JSON.stringify(value ?? null);

const checkConfig = (config: Readonly<Record<string, unknown>>, reads: readonly [string, Read][]): void => {
  expect(Object.isFrozen(config)).toBe(true);
  for (const [name, read] of reads) {
    expect(read, name).toBeDefined();
    expect(plain(config[name]), name).toBe(plain(read?.value));
  }
};

const checkError = (error: unknown, reads: readonly [string, Read][]): void => {
  if (!(error instanceof ServiceError)) throw error;
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: true });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
  const named = new Set((error.details['problems'] as string[]).map((problem) => problem.split(' ')[0]));
  const wrong = reads.flatMap(([name, read]) => (read === undefined ? [name] : []));
  expect(named.size).toBeGreaterThan(0);
  expect(named).toEqual(new Set(wrong));
};

it(
  'a configuration is what its variables say, frozen, or CONFIG_INVALID with every variable that is wrong and no value',
  () =>
    fuzz('config', inputs, ({ which, env: given }) => {
      const target = targets[which] as Target;
      const reads = readIndependently(target.variablesOf(given), given);
      try {
        checkConfig(readConfig(target.schema, given) as Readonly<Record<string, unknown>>, reads);
        return true;
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        checkError(error, reads);
        return false;
      }
    }),
  FUZZ_TIMEOUT_MS,
);
