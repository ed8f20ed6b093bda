import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freeBase } from '../end-to-end/local-process.ts';
import { mavenJars } from '../maven-jars.ts';

const VERSION = '2.6.1';
const START_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 50;
const JAVA = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

/** Amazon's own DynamoDB Local, empty and in memory, in a process of its own. It listens on all interfaces: it has no option for that. */
export const startDynamoDbLocal = async (): Promise<{ endpoint: string; close(): Promise<void> }> => {
  const jars = await mavenJars('dynamodb-local', path.join(import.meta.dirname, 'pom.xml'), VERSION);
  const port = await freeBase((base) => [base]);
  const main = ['com.amazonaws.services.dynamodbv2.local.main.ServerRunner', '-inMemory', '-sharedDb'];
  const args = [...JAVA, `-Djava.library.path=${jars}`, '-cp', `${jars}/*`, ...main];
  const child = spawn('java', [...args, '-disableTelemetry', '-port', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error('DynamoDB Local does not start');
    await delay(ASK_AGAIN_MS);
  }
  return {
    endpoint,
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};
