import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deliverSchema, dispatchSchema, mergeRoomsSchema, readConfig } from '../lib/config.ts';
import { ServiceError } from '../lib/errors.ts';

const tables = { FLEET_TABLE: 'fleet', ROOMS_TABLE: 'rooms' };
const dispatchEnv = { ...tables, DEAD_LETTERS_TABLE: 'dead-letters', DELIVER_FUNCTION: 'deliver' };
const mergeEnv = { ...tables, LEASES_TABLE: 'leases', COMETS: '{"comet-1":["http://a"]}' };

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
    });
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
      'DEAD_LETTERS_TABLE is required',
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
  ])('refuses COMETS that are %s, and never echoes a value', (_name, COMETS, problem) => {
    const error = problemsOf(() => readConfig(mergeRoomsSchema, { ...mergeEnv, COMETS }));
    expect(error.details['problems']).toEqual([problem]);
    expect(`${error.message}${JSON.stringify(error.details)}`).not.toMatch(/secret|12345/);
  });

  test('reads COMETS', () => {
    expect(readConfig(mergeRoomsSchema, mergeEnv).COMETS).toEqual({ 'comet-1': ['http://a'] });
  });
});

describe('each variable', () => {
  const functions = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' }).functions;
  const readme = readFileSync('README.md', 'utf8');
  const schemas = { dispatch: dispatchSchema, deliver: deliverSchema, mergeRooms: mergeRoomsSchema };

  test.each(Object.entries(schemas))(
    'of %s stands in its schema, in serverless.yml and in the README',
    (name, schema) => {
      const variables = Object.keys(schema.entries).sort();
      expect(Object.keys(functions[name].environment).sort()).toEqual(variables);
      expect(variables.filter((variable) => !readme.includes(`\`${variable}\``))).toEqual([]);
    },
  );
});
