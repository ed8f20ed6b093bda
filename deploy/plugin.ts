import { rmSync } from 'node:fs';
import path from 'node:path';
import type { LambdaClientConfig } from '@aws-sdk/client-lambda';
import { configurationProblems, type Environments, environmentsOf } from './configuration.ts';
import { sizeProblems } from './environment-size.ts';
import { localVariableProblems } from './local-variables.ts';
import { noTokenWarning } from './no-token.ts';
import { givenParameters, type Parameters, readParameters } from './parameters.ts';
import { startSuccessors } from './successors.ts';
import { completeTemplate, type Template } from './template.ts';
import { problemsTogether } from './together.ts';

interface Log {
  warning(text: string): void;
}

type Environment = Readonly<Record<string, string>>;

interface Serverless {
  readonly serviceDir: string;
  readonly configurationInput: {
    readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  readonly processedInput: { readonly options: { readonly param?: readonly string[] } };
  getProvider(name: 'aws'): { getAwsSdkV3Config(): Promise<LambdaClientConfig> };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  readonly service: {
    readonly service: string;
    readonly provider: {
      stackTags?: Readonly<Record<string, string>>;
      readonly stage: string;
      readonly region: string;
      readonly environment: Environment;
      readonly compiledCloudFormationTemplate: Template;
    };
    readonly functions: Readonly<Record<keyof Environments, { readonly environment?: Environment }>>;
  };
}

/** Package and deploy: checks all that a deployer says before anything is done, and completes the template with it. */
export default class DeployPlugin {
  readonly hooks: Record<string, () => Promise<void> | void>;
  readonly #serverless: Serverless;
  readonly #log: Log;

  constructor(serverless: Serverless, _options: unknown, { log }: { log: Log }) {
    this.#serverless = serverless;
    this.#log = log;
    this.hooks = {
      'before:package:cleanup': () => this.#prepare(),
      'before:deploy:function:initialize': () => void this.#check(),
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.#complete(),
      'after:deploy:deploy': () => this.#reachRunning(),
    };
  }

  #prepare(): void {
    const { tags } = this.#check();
    const warning = noTokenWarning(environmentsOf(this.#serverless.service).mergeRooms);
    if (warning !== undefined) this.#log.warning(warning);
    // CloudFormation hands them on to every resource that can have tags.
    if (tags !== undefined) this.#serverless.service.provider.stackTags = tags;
    // `sls offline` leaves its build there, and the next package would put those files into every zip.
    rmSync(path.join(this.#serverless.serviceDir, '.esbuild'), { recursive: true, force: true });
  }

  /** It is deployed, whatever comes of this: within a minute the schedules do the same. */
  async #reachRunning(): Promise<void> {
    const { service, provider } = this.#serverless.service;
    const names = ['redeliver', 'mergeRooms'].map((name) => `${service}-${provider.stage}-${name}`);
    const config = await this.#serverless.getProvider('aws').getAwsSdkV3Config();
    for (const name of await startSuccessors(config, names))
      this.#log.warning(`${name} could not be invoked: what runs hands over within a minute`);
  }

  #complete(): void {
    const { service, provider } = this.#serverless.service;
    completeTemplate(provider.compiledCloudFormationTemplate, this.#check(), `${service}-${provider.stage}`);
  }

  /** Throws one error with every problem. */
  #check(): Parameters {
    const { service, classes } = this.#serverless;
    const read = readParameters(givenParameters(this.#serverless));
    const environments = environmentsOf(service);
    const all = [
      ...read.problems,
      ...problemsTogether(read, service.provider),
      ...configurationProblems(environments),
      ...sizeProblems(environments),
      ...localVariableProblems(process.env),
    ];
    if (read.parameters !== undefined && all.length === 0) return read.parameters;
    throw new classes.Error(['This cannot be deployed:', ...all].join('\n- '), 'CONFIGURATION_INVALID');
  }
}
