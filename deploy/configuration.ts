import {
  deliverSchema,
  dispatchSchema,
  mergeRoomsSchema,
  readConfig,
  redeliverSchema,
} from '../lib/config.ts';
import { ServiceError } from '../lib/errors.ts';

const READ_BY_FUNCTION = {
  dispatch: (env) => readConfig(dispatchSchema, env),
  deliver: (env) => readConfig(deliverSchema, env),
  redeliver: (env) => readConfig(redeliverSchema, env),
  mergeRooms: (env) => readConfig(mergeRoomsSchema, env),
} satisfies Record<string, (env: NodeJS.ProcessEnv) => object>;

/** By function, the variables that it would get. */
export type Environments = Readonly<Record<keyof typeof READ_BY_FUNCTION, NodeJS.ProcessEnv>>;

type Environment = Readonly<Record<string, string>>;

interface Service {
  readonly provider: { readonly environment: Environment };
  readonly functions: Readonly<Record<string, { readonly environment?: Environment }>>;
}

export const environmentsOf = ({ functions, provider }: Service): Environments =>
  Object.fromEntries(
    Object.entries(functions).map(([name, { environment }]) => [
      name,
      { ...provider.environment, ...environment },
    ]),
  ) as Environments;

const problemsOf = (read: () => object): readonly string[] => {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ServiceError) return error.details['problems'] as readonly string[];
    throw error;
  }
};

/** What the functions would refuse at their first call, found before: every problem once, without values. Empty: nothing. */
export const configurationProblems = (environments: Environments): string[] => {
  const names = Object.keys(READ_BY_FUNCTION) as (keyof typeof READ_BY_FUNCTION)[];
  return [...new Set(names.flatMap((name) => problemsOf(() => READ_BY_FUNCTION[name](environments[name]))))];
};
