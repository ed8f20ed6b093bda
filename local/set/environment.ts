import { accessSync, constants } from 'node:fs';
import { HOST, type Ports } from '../ports.ts';
import type { Serverless } from './serverless.ts';

const url = (port: number): string => `http://${HOST}:${port}`;

const isSet = (name: string): boolean => (process.env[name] ?? '') !== '';

/** Whether the fleet is the reference comets: whoever names another registry or other comets gets those. */
export const usesReferenceComets = (): boolean => !isSet('REGISTRY') && !isSet('COMETS');

/** The first one over HTTP, the others over their RPC: each wire is in use. The clients of the one of v1 read packets, so they stand any body. */
const referenceComets = ({ comets }: Ports): string =>
  JSON.stringify(
    Object.fromEntries(
      comets.map(({ id, api, rpc, wire }, index) => {
        const rpcUrl = `${wire}://${HOST}:${rpc}${wire === 'gorpc' ? '?bodies=any' : ''}`;
        return [id, [index === 0 ? url(api) : rpcUrl]];
      }),
    ),
  );

/** For the AWS SDK in this process and in the workers, which get its AWS_ variables. Real credentials never meet the local endpoints. */
const setAws = (region: string, ports: Ports): void => {
  delete process.env['AWS_SESSION_TOKEN'];
  delete process.env['AWS_PROFILE'];
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: region,
    AWS_ENDPOINT_URL_LAMBDA: url(ports.lambda),
    AWS_ENDPOINT_URL_DYNAMODB: url(ports.tables),
  });
};

/** Secrets, which are passed on here alone: a deploy names those of Secrets Manager. */
const OF_THE_SHELL = ['COMET_TOKEN', 'COMET_TOKEN_SECRET', 'COMET_TLS_SECRET'];

/** Files that functions would not find. */
export const secretProblems = (): string[] =>
  ['COMET_TOKEN_SECRET', 'COMET_TLS_SECRET'].filter(isSet).flatMap((name) => {
    try {
      accessSync(process.env[name] ?? '', constants.R_OK);
      return [];
    } catch (error) {
      return [`${name} names no file that can be read: ${(error as NodeJS.ErrnoException).code}`];
    }
  });

const secretsOfTheShell = (): Record<string, string> =>
  Object.fromEntries(OF_THE_SHELL.filter(isSet).map((name) => [name, process.env[name] ?? '']));

/** Makes every function of this process use the local set. */
export const useLocalSet = ({ service }: Serverless, ports: Ports): void => {
  setAws(service.provider.region, ports);
  for (const definition of Object.values(service.functions)) {
    const environment = { ...definition.environment, ...secretsOfTheShell() };
    if ('COMETS' in environment && usesReferenceComets()) environment['COMETS'] = referenceComets(ports);
    definition.environment = environment;
  }
};

/** What the functions log beside warnings would bury everything else on a terminal; `redeliver` says no more than that a comet has caught up. */
export const quietFunctions = ({ service }: Serverless): void => {
  for (const [name, definition] of Object.entries(service.functions)) {
    definition.environment = {
      POWERTOOLS_LOG_LEVEL: process.env['POWERTOOLS_LOG_LEVEL'] ?? (name === 'redeliver' ? 'INFO' : 'WARN'),
      POWERTOOLS_METRICS_DISABLED: process.env['POWERTOOLS_METRICS_DISABLED'] ?? 'false',
      ...definition.environment,
    };
  }
};
