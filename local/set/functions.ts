import path from 'node:path';
import { createFunctions, type Functions } from '../lambda/functions.ts';
import { type InvokeServer, startInvokeServer } from '../lambda/invoke-server.ts';
import type { FunctionDefinition } from '../lambda/sandbox.ts';
import { HOST } from '../ports.ts';
import type { Serverless } from './serverless.ts';

/** In the bundler's own folder. */
const BUILD = '.build';
const SECOND_MS = 1_000;
/** Lambda's own, if serverless.yml says nothing. */
const TIMEOUT_S = 3;
const MEMORY_MB = 1_024;

const awsVariables = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));

const definitionOf = ({ service, serviceDir }: Serverless, functionKey: string): FunctionDefinition => {
  const {
    handler,
    name,
    environment,
    timeout = TIMEOUT_S,
    memorySize = MEMORY_MB,
  } = service.getFunction(functionKey);
  const folder = path.join(serviceDir, String(service.custom.esbuild['outputWorkFolder']), BUILD);
  return {
    file: path.join(folder, handler.replace(/\.handler$/, '.cjs')),
    functionName: name,
    environment: { ...awsVariables(), ...service.provider.environment, ...environment } as Record<
      string,
      string
    >,
    timeoutMs: timeout * SECOND_MS,
    memoryMb: memorySize,
  };
};

/** The functions of serverless.yml as they were bundled last. */
export const openFunctions = (serverless: Serverless): Functions =>
  createFunctions((functionKey) => definitionOf(serverless, functionKey));

/** Where the functions call each other, by their whole names. Rejects if the port is taken. */
export const startFunctionsApi = (
  { service }: Serverless,
  functions: Functions,
  port: number,
): Promise<InvokeServer> => {
  const keyByName = new Map(
    Object.keys(service.functions).map((functionKey) => [service.getFunction(functionKey).name, functionKey]),
  );
  return startInvokeServer({
    host: HOST,
    port,
    isDead: () => false,
    take: ({ functionName }) => (keyByName.has(functionName) ? undefined : 'unknown'),
    run: ({ functionName, payload }) => functions.call(keyByName.get(functionName) ?? '', payload),
  });
};
