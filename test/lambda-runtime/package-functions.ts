import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Packaged, REQUIRED, type Resource, withPackage } from '../template/package-service.ts';

export interface PackagedFunction {
  /** As deployed. */
  readonly name: string;
  /** Where its zip was unpacked. */
  readonly folder: string;
  readonly handler: string;
  readonly timeoutS: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface PackagedService {
  /** By their keys in serverless.yml. */
  readonly functions: Readonly<Record<string, PackagedFunction>>;
  readonly resources: Packaged['resources'];
}

/** A value of the template; a reference means the name that the template gives the resource. */
const textOf = (resources: Packaged['resources'], value: unknown): string => {
  const { Ref } = value as { Ref?: string };
  if (Ref === undefined) return String(value);
  const { TableName, FunctionName } = resources[Ref]?.Properties ?? {};
  return String(TableName ?? FunctionName);
};

const environmentOf = ({ Properties }: Resource, resources: Packaged['resources']) => {
  const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(Variables).map(([name, value]) => [name, textOf(resources, value)]),
  );
};

const unzip = (zip: string, folder: string): Promise<unknown> =>
  promisify(execFile)('python3', ['-m', 'zipfile', '-e', zip, folder]);

const keyOf = (logicalId: string): string =>
  logicalId.replace(/LambdaFunction$/, '').replace(/^./, (first) => first.toLowerCase());

/** The functions as `serverless package` makes them with these variables and parameters, each unpacked below `folder`. */
export const packageFunctions = (
  folder: string,
  variables: Record<string, string>,
  parameters: Record<string, string>,
): Promise<PackagedService> =>
  withPackage({ ...REQUIRED, ...parameters }, variables, async (copy, { resources }) => {
    const zips = (await readdir(path.join(copy, '.serverless'))).filter((name) => name.endsWith('.zip'));
    const ids = Object.keys(resources).filter((id) => resources[id]?.Type === 'AWS::Lambda::Function');
    const functions = ids.map(async (id) => {
      const resource = resources[id] as Resource;
      const { FunctionName, Handler, Timeout, MemorySize } = resource.Properties;
      const key = keyOf(id);
      const zip = zips.find((name) => name === `${key}.zip`);
      if (zip === undefined) throw new Error(`no zip for ${key} among ${zips}`);
      const own = path.join(folder, key);
      await unzip(path.join(copy, '.serverless', zip), own);
      const environment = environmentOf(resource, resources);
      const [name, handler, timeoutS, memoryMb] = [
        String(FunctionName),
        String(Handler),
        Number(Timeout),
        Number(MemorySize),
      ];
      return [key, { name, folder: own, handler, timeoutS, memoryMb, environment }] as const;
    });
    return { functions: Object.fromEntries(await Promise.all(functions)), resources };
  });
