import { expect, test } from 'vitest';
import { deliverSchema, dispatchSchema, redeliverSchema, registrySchemas } from '../../lib/config.ts';
import { COMETS, type Packaged } from './package-service.ts';

/** Of the local set alone: a template must not have it. */
const LOCAL = 'COMET_TOKEN';

const READ_BY: Record<string, object> = {
  Dispatch: dispatchSchema.entries,
  Deliver: deliverSchema.entries,
  Redeliver: redeliverSchema.entries,
  MergeRooms: {
    ...registrySchemas.static.entries,
    ...registrySchemas.table.entries,
    ...registrySchemas.discovery.entries,
  },
};

/** `DEAD_LETTERS_TABLE`: `DeadLettersTable`. */
const logicalId = (variable: string): string =>
  variable.toLowerCase().replace(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase());

const DEFAULTS: Record<string, string> = {
  DELIVERY: 'invoke',
  ROOM_ROUTING: 'table',
  MESSAGE_TTL_S: '0',
  REGISTRY: 'static',
  COMETS,
  DISCOVERY_APPID: 'goim.comet',
};

/** Each function has the variables that its configuration reads, from the stack, from the deployer's shell, or by default. */
export const testVariables = (
  byDefault: () => Packaged,
  configured: () => Packaged,
  variables: Record<string, string>,
): void => {
  const variablesOf = ({ resources }: Packaged, name: string): Record<string, string> => {
    const environment = resources[`${name}LambdaFunction`]?.Properties['Environment'];
    const { POWERTOOLS_SERVICE_NAME, ...own } = (environment as { Variables: Record<string, string> })
      .Variables;
    expect(POWERTOOLS_SERVICE_NAME).toBe('goim-job-dev');
    return own;
  };
  const named = ({ resources }: Packaged, variable: string): unknown => {
    const id = logicalId(variable);
    if (variable.endsWith('_TABLE')) return resources[id]?.Properties['TableName'];
    return resources[id.replace(/Function$/, 'LambdaFunction')]?.Properties['FunctionName'];
  };
  const expected = (packaged: Packaged, name: string, set: Record<string, string>) =>
    Object.fromEntries(
      Object.keys(READ_BY[name] ?? {})
        .filter((variable) => variable !== LOCAL)
        .map((variable) => [
          variable,
          /_(TABLE|FUNCTION)$/.test(variable) ? named(packaged, variable) : (set[variable] ?? ''),
        ]),
    );

  test.each(Object.keys(READ_BY))('%s has those that it reads, by default', (name) => {
    expect(variablesOf(byDefault(), name)).toEqual(expected(byDefault(), name, DEFAULTS));
  });

  test.each(Object.keys(READ_BY))('%s has them as they are set where it is deployed', (name) => {
    expect(variablesOf(configured(), name)).toEqual(expected(configured(), name, variables));
  });
};
