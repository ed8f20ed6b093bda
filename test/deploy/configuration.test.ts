import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configurationProblems, type Environments } from '../../deploy/configuration.ts';

const { functions } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' });
const named = Object.fromEntries(
  Object.entries<{ environment: Record<string, string> }>(functions).map(([name, { environment }]) => [
    name,
    Object.fromEntries(Object.keys(environment).map((variable) => [variable, ''])),
  ]),
);
/** What each function of serverless.yml gets, with these values where it has the variable. */
const environments = (values: Record<string, string>): Environments => {
  const set: Record<string, string> = {
    DELIVER_FUNCTION: 'deliver',
    REDELIVER_FUNCTION: 'redeliver',
    FLEET_TABLE: 'fleet',
    ROOMS_TABLE: 'rooms',
    LEASES_TABLE: 'leases',
    COMETS_TABLE: 'comets',
    BEHIND_TABLE: 'behind',
    PARKED_TABLE: 'parked',
    DEAD_LETTERS_TABLE: 'dead-letters',
    COMETS: '{"comet-1":["http://10.0.0.5:3108"]}',
    ...values,
  };
  const filled = Object.entries(named).map(([name, variables]) => [
    name,
    Object.fromEntries(Object.keys(variables).map((variable) => [variable, set[variable] ?? ''])),
  ]);
  return Object.fromEntries(filled);
};

test('nothing is wrong with what serverless.yml passes on by default', () => {
  expect(configurationProblems(environments({}))).toEqual([]);
});

test.each([
  [{ COMETS: 'notjson' }, ['COMETS is not JSON']],
  [{ COMETS: '{}' }, ['COMETS names no comet']],
  [{ COMETS: '' }, ['COMETS is required']],
  [{ COMETS: '{"a":"http://x"}' }, ['COMETS is not a map of comet id to a list of addresses']],
  [{ COMETS: '{"a":["ftp://x"]}' }, [/COMETS has entries that are wrong: comet 1/]],
  [{ COMETS: '{"a":["grpc://x:notaport"]}' }, [/COMETS has entries that are wrong: comet 1/]],
  [{ COMETS: '', REGISTRY: 'table' }, []],
  [{ REGISTRY: 'discovery' }, ['DISCOVERY_URLS is required', 'DISCOVERY_ENV is required']],
  [{ REGISTRY: 'nacos' }, ['REGISTRY is not one of static, table, discovery']],
  [{ DELIVERY: 'foo' }, ['DELIVERY is not one of invoke, inline']],
  [{ ROOM_ROUTING: 'some' }, ['ROOM_ROUTING is not one of table, all']],
  [{ DELIVERY: 'foo', COMETS: '[]' }, ['DELIVERY is not one of invoke, inline', /COMETS is not a map/]],
])('every problem of every function is named: %j', (values, problems) => {
  expect(configurationProblems(environments(values))).toEqual(
    problems.map((problem) => (problem instanceof RegExp ? expect.stringMatching(problem) : problem)),
  );
});

test('a problem that several functions have is named once', () => {
  expect(configurationProblems(environments({ MESSAGE_TTL_S: 'soon' }))).toEqual([
    'MESSAGE_TTL_S is not a whole number of seconds',
  ]);
});
