import { execFile } from 'node:child_process';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(import.meta.dirname, '../../..');
const CACHE = path.join(ROOT, 'node_modules/.cache/goim-job');
const MAVEN_TIMEOUT_MS = 300_000;

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** The folder with a broker's jars; Maven fetches them the first time. */
export const brokerJars = async (version: string): Promise<string> => {
  const folder = path.join(CACHE, `kafka-${version}`);
  if (await exists(folder)) return folder;
  // A fetch that breaks off must not look like a whole one.
  const partial = `${folder}.${process.pid}`;
  await mkdir(CACHE, { recursive: true });
  const args = ['-q', '-B', '-f', path.join(import.meta.dirname, 'pom.xml')];
  const goal = [`-Dkafka.version=${version}`, `-DoutputDirectory=${partial}`, 'dependency:copy-dependencies'];
  await promisify(execFile)('mvn', [...args, ...goal], { timeout: MAVEN_TIMEOUT_MS });
  await rename(partial, folder).catch(() => rm(partial, { recursive: true }));
  return folder;
};
