import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../cached.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 300_000;

const EMULATOR = 'github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie';
/** The newest on 2026-11-25; it has no tags that Go takes. */
const EMULATOR_VERSION = 'v0.0.0-20261030222936-bef5c4ba774d';
const CLIENT = path.join(import.meta.dirname, 'runtime-client');
const CLIENT_VERSION = '4.0.2';
/** The headers of any Node do, since its native part is built on Node-API; npm's own `node` package has none. */
const NODE_HEADERS = process.env['NODE_HEADERS'] ?? '/usr';

/** The path of AWS's runtime interface emulator; Go builds it the first time. */
export const emulator = async (): Promise<string> => {
  const folder = await cached(`rie-${EMULATOR_VERSION}`, async (GOBIN) => {
    const env = { ...process.env, GOBIN };
    await run('go', ['install', `${EMULATOR}@${EMULATOR_VERSION}`], { env, timeout: INSTALL_TIMEOUT_MS });
  });
  return path.join(folder, 'aws-lambda-rie');
};

/** The path of AWS's runtime client for Node, the program that calls a handler in Lambda; npm builds it the first time. */
export const runtimeClient = async (): Promise<string> => {
  const folder = await cached(`lambda-ric-${CLIENT_VERSION}`, async (cwd) => {
    for (const file of ['package.json', 'package-lock.json'])
      await copyFile(path.join(CLIENT, file), path.join(cwd, file));
    const env = { ...process.env, npm_config_nodedir: NODE_HEADERS };
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd, env, timeout: INSTALL_TIMEOUT_MS });
  });
  return path.join(folder, 'node_modules/aws-lambda-ric/index.mjs');
};
