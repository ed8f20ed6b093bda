import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  deliverSchema,
  dispatchSchema,
  mergeRoomsSchema,
  readConfig,
  redeliverSchema,
  registrySchemas,
} from '../lib/config.ts';
import { ServiceError } from '../lib/errors.ts';

const tables = { FLEET_TABLE: 'fleet', ROOMS_TABLE: 'rooms' };
const parking = {
  BEHIND_TABLE: 'behind',
  PARKED_TABLE: 'parked',
  DEAD_LETTERS_TABLE: 'dead-letters',
  REDELIVER_FUNCTION: 'redeliver',
};
const dispatchEnv = { ...tables, ...parking, DELIVER_FUNCTION: 'deliver' };
const merging = {
  ...tables,
  LEASES_TABLE: 'leases',
  BEHIND_TABLE: 'behind',
  REDELIVER_FUNCTION: 'redeliver',
};
const mergeEnv = { ...merging, COMETS: '{"comet-1":["http://a"]}' };

const problemsOf = (read: () => unknown): ServiceError => {
  try {
    read();
  } catch (error) {
    if (error instanceof ServiceError) return error;
  }
  throw new Error('no ServiceError');
};

describe('the configuration', () => {
  test('has defaults, and an empty variable counts as unset', () => {
    expect(readConfig(dispatchSchema, { ...dispatchEnv, DELIVERY: '', COMET_TOKEN: '' })).toEqual({
      ...dispatchEnv,
      DELIVERY: 'invoke',
      ROOM_ROUTING: 'table',
      COMET_TOKEN: undefined,
      MESSAGE_TTL_S: 0,
    });
  });

  test.each([
    ['60', 60],
    ['', 0],
  ])('reads MESSAGE_TTL_S "%s" as %i seconds', (text, seconds) => {
    expect(readConfig(dispatchSchema, { ...dispatchEnv, MESSAGE_TTL_S: text }).MESSAGE_TTL_S).toBe(seconds);
  });

  test.each(['-1', '1.5', '1e3', 'soon', '9999999999'])('refuses MESSAGE_TTL_S "%s"', (text) => {
    const error = problemsOf(() => readConfig(dispatchSchema, { ...dispatchEnv, MESSAGE_TTL_S: text }));
    expect(error.details).toEqual({ problems: ['MESSAGE_TTL_S is not a whole number of seconds'] });
  });

  test('is frozen', () => {
    expect(Object.isFrozen(readConfig(deliverSchema, {}))).toBe(true);
  });

  test('names every problem at once', () => {
    const error = problemsOf(() =>
      readConfig(dispatchSchema, { DELIVERY: 'pigeon', FLEET_TABLE: 'f', ROOMS_TABLE: '' }),
    );
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.details['problems']).toEqual([
      'ROOMS_TABLE is required',
      'BEHIND_TABLE is required',
      'PARKED_TABLE is required',
      'DEAD_LETTERS_TABLE is required',
      'REDELIVER_FUNCTION is required',
      'DELIVERY is not one of invoke, inline',
      'DELIVER_FUNCTION is required',
    ]);
  });

  test.each([
    ['not JSON', 'secret', 'COMETS is not JSON'],
    ['a list', '["secret"]', 'COMETS is not a map of comet id to a list of addresses'],
    ['a map to text', '{"a":"secret"}', 'COMETS is not a map of comet id to a list of addresses'],
    ['a map to numbers', '{"a":[12345]}', 'COMETS is not a map of comet id to a list of addresses'],
    ['missing', '', 'COMETS is required'],
    ['an empty map', '{}', 'COMETS names no comet'],
    [
      'with addresses of no wire',
      '{"a":["http://h"],"b":["ftp://secret","http://h"],"c":["grpc://secret:notaport"]}',
      'COMETS has entries that are wrong: comet 2: address 1 is not an http, https, grpc, grpcs or gorpc URL; ' +
        'comet 3: address 1 is not an http, https, grpc, grpcs or gorpc URL',
    ],
  ])('refuses COMETS that are %s, and never echoes a value', (_name, COMETS, problem) => {
    const error = problemsOf(() => readConfig(mergeRoomsSchema, { ...mergeEnv, COMETS }));
    expect(error.details['problems']).toEqual([problem]);
    expect(`${error.message}${JSON.stringify(error.details)}`).not.toMatch(/secret|12345/);
  });

  test.each([{}, { REGISTRY: '' }, { REGISTRY: 'static' }])('reads COMETS with %o', (registry) => {
    expect(readConfig(mergeRoomsSchema, { ...mergeEnv, ...registry })).toMatchObject({
      REGISTRY: 'static',
      COMETS: { 'comet-1': ['http://a'] },
    });
  });

  test('knows no other registry', () => {
    const error = problemsOf(() => readConfig(mergeRoomsSchema, { ...mergeEnv, REGISTRY: 'secret' }));
    expect(error.details['problems']).toEqual(['REGISTRY is not one of static, table, discovery']);
    expect(error.message).not.toContain('secret');
  });

  describe('with discovery', () => {
    const discoveryEnv = {
      ...merging,
      REGISTRY: 'discovery',
      DISCOVERY_URLS: 'http://a:7171, https://b/base',
      DISCOVERY_ENV: 'prod',
    };

    test('has defaults, and needs no COMETS', () => {
      expect(
        readConfig(mergeRoomsSchema, {
          ...discoveryEnv,
          COMETS: '',
          DISCOVERY_APPID: '',
          DISCOVERY_ZONE: '',
        }),
      ).toEqual({
        ...discoveryEnv,
        DISCOVERY_URLS: ['http://a:7171', 'https://b/base'],
        DISCOVERY_APPID: 'goim.comet',
        DISCOVERY_ZONE: undefined,
        COMET_TOKEN: undefined,
      });
    });

    test('names every problem at once', () => {
      const error = problemsOf(() => readConfig(mergeRoomsSchema, { ...tables, REGISTRY: 'discovery' }));
      expect(error.details['problems']).toEqual([
        'LEASES_TABLE is required',
        'BEHIND_TABLE is required',
        'REDELIVER_FUNCTION is required',
        'DISCOVERY_URLS is required',
        'DISCOVERY_ENV is required',
      ]);
    });

    test.each(['secret:7171', 'http://a,', 'http://a,tcp://secret:1', ' '])(
      'refuses the URLs %o, and never echoes them',
      (DISCOVERY_URLS) => {
        const error = problemsOf(() => readConfig(mergeRoomsSchema, { ...discoveryEnv, DISCOVERY_URLS }));
        expect(error.details['problems']).toEqual([
          'DISCOVERY_URLS is not a comma-separated list of http:// or https:// URLs',
        ]);
        expect(error.message).not.toContain('secret');
      },
    );
  });
});

describe('each variable', () => {
  const functions = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' }).functions;
  const page = readFileSync('docs/deploy.md', 'utf8');
  const schemas = {
    dispatch: [dispatchSchema],
    deliver: [deliverSchema],
    redeliver: [redeliverSchema],
    mergeRooms: Object.values(registrySchemas),
  };

  test.each(Object.entries(schemas))(
    'of %s stands in its schema, in serverless.yml unless it is of the local set alone, and in docs/deploy.md',
    (name, of) => {
      const variables = [...new Set(of.flatMap((schema) => Object.keys(schema.entries)))].sort();
      expect(Object.keys(functions[name].environment).sort()).toEqual(
        variables.filter((variable) => variable !== 'COMET_TOKEN'),
      );
      expect(variables.filter((variable) => !page.includes(`\`${variable}\``))).toEqual([]);
    },
  );
});
