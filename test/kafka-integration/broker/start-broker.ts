import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Admin } from '@platformatic/kafka';
import { freeBase } from '../../end-to-end/local-process.ts';
import { mavenJars } from '../../maven-jars.ts';
import { type BrokerPorts, brokerProperties, HOST, SASL_USER } from './broker-properties.ts';

/** Apache Kafka in a process of its own, on free ports of 127.0.0.1; it keeps what it has over its end and new start. */
export interface Broker {
  /** For `KAFKA_BROKERS`. */
  readonly address: string;
  readonly saslAddress: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Resolves once it answers. */
  start(): Promise<void>;
  /** Also removes what it kept. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 100;
const LOG_TAIL = 4_000;
/** A broker lives for minutes: the better compiler would be busy longer than that. */
const JAVA = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
const CLUSTER_ID = 'Z29pbS1qb2ItYnJva2VyMQ';

/** They stay its own while it does not listen: before it starts, and from its end to its next start. */
const freePorts = async (): Promise<BrokerPorts> => {
  const base = await freeBase((plain) => [plain, plain + 1, plain + 2]);
  return { plain: base, sasl: base + 1, controller: base + 2 };
};

const format = async (jars: string, properties: string): Promise<void> => {
  const { username, password } = SASL_USER;
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties];
  await promisify(execFile)('java', [...JAVA, QUIET, '-cp', `${jars}/*`, ...tool, ...scram]);
};

const answers = async (port: number): Promise<boolean> => {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [{ host: HOST, port }], retries: 0 });
  try {
    await admin.listTopics();
    return true;
  } catch {
    return false;
  } finally {
    await admin.close();
  }
};

const untilAnswers = async (child: ChildProcess, port: number, log: string): Promise<void> => {
  const endsAt = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > endsAt) {
      throw new Error(`the broker did not start:\n${(await readFile(log, 'utf8')).slice(-LOG_TAIL)}`);
    }
    await delay(ASK_AGAIN_MS);
  }
};

const end = async (child: ChildProcess | undefined): Promise<void> => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

export const startBroker = async (version: string): Promise<Broker> => {
  const jars = await mavenJars('kafka', path.join(import.meta.dirname, 'pom.xml'), version);
  const folder = await mkdtemp(path.join(tmpdir(), 'goim-job-kafka-'));
  const [properties, log] = [path.join(folder, 'server.properties'), path.join(folder, 'server.log')];
  const ports = await freePorts();
  await writeFile(properties, brokerProperties(path.join(folder, 'data'), ports));
  await format(jars, properties);
  let child: ChildProcess | undefined;
  const start = async () => {
    const output = await open(log, 'a');
    const args = [...JAVA, QUIET, '-cp', `${jars}/*`, 'kafka.Kafka', properties];
    child = spawn('java', args, { stdio: ['ignore', output.fd, output.fd] });
    await untilAnswers(child, ports.plain, log).finally(() => output.close());
  };
  const close = async () => {
    await end(child);
    await rm(folder, { recursive: true });
  };
  await start().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    address: `${HOST}:${ports.plain}`,
    saslAddress: `${HOST}:${ports.sasl}`,
    kill: () => end(child),
    start,
    close,
  };
};
