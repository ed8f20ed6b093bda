import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cached.ts';

const MAVEN_TIMEOUT_MS = 300_000;

/** The folder with the jars that a POM's dependencies are, in one version of them; Maven fetches them the first time. */
export const mavenJars = (name: string, pom: string, version: string): Promise<string> =>
  cached(`${name}-${version}`, async (folder) => {
    const args = [
      '-q',
      '-B',
      '-f',
      path.resolve(pom),
      `-Djars.version=${version}`,
      `-DoutputDirectory=${folder}`,
    ];
    await promisify(execFile)('mvn', [...args, 'dependency:copy-dependencies'], {
      timeout: MAVEN_TIMEOUT_MS,
    });
  });
