import type { OfflineLog } from 'serverless-offline';
import type { Console } from '../console/server/start.ts';
import { configurationProblems, environmentsOf } from '../deploy/configuration.ts';
import { noTokenWarning } from '../deploy/no-token.ts';
import type { EventSource } from './event-source/event-source.ts';
import { type KafkaConfig, readKafkaConfig } from './kafka/config.ts';
import { DEFAULT_PORT_BASE, type Ports, portsFrom, portTaken } from './ports.ts';
import { cometToken } from './set/comet-token.ts';
import { quietFunctions, secretProblems, useLocalSet, usesReferenceComets } from './set/environment.ts';
import { exit } from './set/exit.ts';
import { type Functions, openFunctions } from './set/functions.ts';
import { type LocalSet, startLocalSet } from './set/local-set.ts';
import { endOfflineWith } from './set/offline-end.ts';
import { quietOffline } from './set/offline-log.ts';
import { makeReady, startTrigger } from './set/run.ts';
import type { Serverless } from './set/serverless.ts';
import { endWith } from './set/signals.ts';
import { triggerOf } from './set/trigger.ts';

interface Options {
  readonly 'port-base'?: string;
  readonly lambdaPort?: string;
  readonly quiet?: boolean;
}

const OPTIONS = {
  'port-base': {
    type: 'string',
    usage: `First port of the local set, which moves all of them. Default: ${DEFAULT_PORT_BASE}.`,
  },
  quiet: { type: 'boolean', usage: 'No line a batch.' },
};

/** How long an end waits for the batch in flight: nothing of it outlives the process. */
const STOP_TIMEOUT_MS = 1_000;
/** Then it ends in any case: time for the batch in flight, and for Kafka to hear of it and of the end. */
const END_TIMEOUT_MS = 6_000;

const say = (line: string): void => console.log(line);
const warn = (line: string): void => console.error(line);

/** `serverless offline` with all that the functions need; `invoke local` uses what runs there. */
export default class LocalPlugin {
  readonly commands = {
    offline: { options: OPTIONS, commands: { start: { options: OPTIONS } } },
    invoke: { commands: { local: { options: OPTIONS } } },
  };
  readonly hooks: Record<string, () => Promise<void> | void>;
  readonly #serverless: Serverless;
  readonly #options: Options;
  readonly #utils: { log: OfflineLog; progress: unknown };
  readonly #ending = new AbortController();
  #ports: Ports = portsFrom();
  #kafka: KafkaConfig | undefined;
  #set: LocalSet | undefined;
  #console: Console | undefined;
  #functions: Functions | undefined;
  #trigger: EventSource | undefined;
  #ended: Promise<void> | undefined;

  constructor(serverless: Serverless, options: Options, utils: { log: OfflineLog; progress: unknown }) {
    this.#serverless = serverless;
    this.#options = options;
    this.#utils = utils;
    this.#bundleApart();
    this.hooks = {
      initialize: () => this.#initialize(),
      // `sls offline` has the first alone, `sls offline start` the other two; both start the Invoke API after it.
      'before:offline:start': () => this.#start(),
      'before:offline:start:init': () => this.#start(),
      'before:offline:start:end': () => this.#end(0),
      'offline:functionsUpdated:cleanup': () => this.#functions?.reload(),
    };
  }

  get #isOffline(): boolean {
    return this.#serverless.processedInput.commands[0] === 'offline';
  }

  get #isInvokeLocal(): boolean {
    return this.#serverless.processedInput.commands.join(' ') === 'invoke local';
  }

  /** Before the bundler reads it. A folder for each process that runs bundles: packaging in another terminal empties the usual one. */
  #bundleApart(): void {
    if (!this.#isOffline && !this.#isInvokeLocal) return;
    const folder = this.#isOffline ? `offline-${this.#options['port-base'] ?? ''}` : 'invoke-local';
    this.#serverless.service.custom.esbuild['outputWorkFolder'] = `node_modules/.cache/goim-job/${folder}`;
  }

  /** Before any hook that makes environments or bundles. */
  #initialize(): void {
    if (!this.#isOffline && !this.#isInvokeLocal) return;
    this.#ports = orFail(() => this.#readPorts());
    this.#kafka = orFail(() => readKafkaConfig(process.env));
    useLocalSet(this.#serverless, this.#ports);
    if (!this.#isOffline) return;
    const environments = environmentsOf(this.#serverless.service);
    const problems = [...configurationProblems(environments), ...secretProblems()];
    if (problems.length > 0) fail(new Error(problems.join('; ')));
    const warning = noTokenWarning(environments.mergeRooms);
    if (warning !== undefined) warn(warning);
    this.#serverless.service.custom['serverless-offline']['lambdaPort'] = this.#ports.lambda;
    quietFunctions(this.#serverless);
    quietOffline(this.#serverless, this.#options, this.#utils);
    const end = () => this.#end(0);
    endOfflineWith(end);
    endWith(end);
  }

  #readPorts(): Ports {
    const ports = portsFrom(this.#options['port-base']);
    const { lambdaPort } = this.#options;
    return lambdaPort === undefined ? ports : { ...ports, lambda: Number(lambdaPort) };
  }

  async #start(): Promise<void> {
    // serverless-offline lets the failure of a function that was invoked as an event end the process.
    process.on('unhandledRejection', (error) => console.error(`unhandled: ${messageOf(error)}`));
    const set = await this.#startSet();
    this.#console = await this.#startConsole(set);
    const functions = openFunctions(this.#serverless, this.#options);
    const run = { ports: this.#ports, say, warn, signal: this.#ending.signal };
    const options = { ...run, serverless: this.#serverless, set, functions };
    this.#functions = functions;
    let onBatch = (_line: string): void => {};
    this.#trigger = startTrigger(options, (line) => onBatch(line));
    // Not awaited: the Invoke API, which it waits for, starts after this hook.
    void makeReady(options).then(
      () => {
        if (this.#options.quiet !== true) onBatch = say;
      },
      async (error: unknown) => {
        if (this.#ending.signal.aborted) return;
        warn(`Error: ${messageOf(error)}`);
        await this.#end(1);
      },
    );
  }

  async #startSet(): Promise<LocalSet> {
    const { topic: topicName } = triggerOf(this.#serverless);
    const { stage } = this.#serverless.service.provider;
    const own = { ports: this.#ports, topicName, stage, cometToken: cometToken(), say, warn };
    try {
      const kafka = this.#kafka;
      this.#set = await startLocalSet({ ...own, kafka, hasComets: usesReferenceComets() });
      return this.#set;
    } catch (error) {
      return fail(error);
    }
  }

  /** What it is made of takes a fifth of a second to load: only here. */
  async #startConsole(set: LocalSet): Promise<Console> {
    const { startLocalConsole } = await import('./console/local-console.ts');
    const { stage } = this.#serverless.service.provider;
    return startLocalConsole({ set, stage, port: this.#ports.console }).catch(fail);
  }

  /** A signal comes here twice, by our own listener and by the hook: after the latter serverless-offline ends the process at once. */
  #end(code: number): Promise<void> {
    this.#ended ??= this.#endOnce(code);
    return this.#ended;
  }

  async #endOnce(code: number): Promise<void> {
    this.#ending.abort();
    setTimeout(() => exit(code), END_TIMEOUT_MS);
    await this.#trigger?.stop(STOP_TIMEOUT_MS);
    await Promise.all([this.#functions?.close(), this.#console?.close(), this.#set?.close()]);
    exit(code);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** In one line; what the bundler watches would keep the process alive. */
const fail = (error: unknown): never => {
  warn(`Error: ${portTaken(error) ?? messageOf(error)}`);
  return exit(1);
};

const orFail = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    return fail(error);
  }
};
