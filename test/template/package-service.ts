import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Record<string, unknown>;
}

export interface Packaged {
  readonly resources: Record<string, Resource>;
  readonly outputs: Record<string, unknown>;
  readonly stackTags?: Record<string, string>;
  readonly output: string;
}

/** The fleet, if no other is named. */
export const COMETS = '{"comet-1":["http://10.0.0.5:3108"]}';

/** What package and deploy require. */
export const REQUIRED: Record<string, string> = {
  clusterArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/demo/0f1e2d3c-1',
  subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  securityGroupIds: 'sg-0123456789abcdef0',
};

const SERVICE = ['functions', 'lib', 'deploy', 'local', 'serverless.yml', 'package.json', 'tsconfig.json'];

const packagedIn = (folder: string): Omit<Packaged, 'output'> => {
  const read = (name: string) => JSON.parse(readFileSync(path.join(folder, '.serverless', name), 'utf8'));
  const { Resources, Outputs } = read('cloudformation-template-update-stack.json');
  return {
    resources: Resources,
    outputs: Outputs,
    stackTags: read('serverless-state.json').service.provider.stackTags,
  };
};

/** Runs the framework in a copy of the service, for a build in place would disturb `npm start`, and hands copy and output to `use`. Rejects with the output. */
const inCopy = async <T>(
  command: readonly string[],
  params: Record<string, string>,
  variables: Record<string, string>,
  use: (folder: string, output: string) => Promise<T> | T,
): Promise<T> => {
  const copy = mkdtempSync(path.join(tmpdir(), 'goim-job-'));
  try {
    for (const name of SERVICE) cpSync(name, path.join(copy, name), { recursive: true });
    symlinkSync(path.resolve('node_modules'), path.join(copy, 'node_modules'));
    const options = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
    const env = { ...process.env, COMETS, ...variables };
    const run = promisify(execFile)(
      process.execPath,
      ['node_modules/serverless/bin/serverless.js', ...command, ...options],
      { cwd: copy, env },
    );
    const { stdout, stderr } = await run.catch((error) => {
      throw new Error(`${error.stdout}${error.stderr}`);
    });
    return await use(copy, `${stdout}${stderr}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

/** Answers what it printed. */
export const runFramework = (
  command: readonly string[],
  params: Record<string, string>,
  variables: Record<string, string>,
): Promise<string> => inCopy(command, params, variables, (_folder, output) => output);

export const withPackage = <T>(
  params: Record<string, string>,
  variables: Record<string, string>,
  use: (folder: string, packaged: Packaged) => Promise<T> | T,
): Promise<T> =>
  inCopy(['package'], params, variables, (folder, output) => use(folder, { ...packagedIn(folder), output }));

export const packageService = (
  params: Record<string, string>,
  variables: Record<string, string> = {},
): Promise<Packaged> => withPackage(params, variables, (_folder, packaged) => packaged);

export const resourcesOf = ({ resources }: Packaged, type: string): Resource[] =>
  Object.values(resources).filter(({ Type }) => Type === type);
