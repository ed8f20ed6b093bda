import { rmSync } from 'node:fs';
import path from 'node:path';
import { type AlarmParameters, alarmActions, offsetLagThreshold } from './alarms.ts';
import { unsetOfRegistry } from './registry.ts';
import { type TriggerParameters, triggerProperties } from './trigger.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  DependsOn?: readonly string[];
}

interface Serverless {
  readonly serviceDir: string;
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  readonly service: {
    readonly custom: {
      readonly trigger: TriggerParameters;
      readonly alarms: AlarmParameters;
      readonly required: Readonly<Record<string, string>>;
    };
    readonly provider: {
      readonly compiledCloudFormationTemplate: { readonly Resources: Record<string, Resource> };
    };
    readonly functions: Readonly<Record<string, { readonly environment?: Readonly<Record<string, string>> }>>;
  };
}

interface Tools {
  readonly log: { warning(message: string): void };
}

/** The ARN that stands in serverless.yml, so that commands which deploy nothing need no parameter. */
const UNSET = /^$|:000000000000:cluster\/unset\//;

/** Package and deploy: the parameters that they need, what the framework's `msk` event cannot say, and whom the alarms tell. */
export default class DeployPlugin {
  readonly hooks: Record<string, () => void>;
  readonly #serverless: Serverless;
  readonly #log: Tools['log'];

  constructor(serverless: Serverless, _options: unknown, { log }: Tools) {
    this.#serverless = serverless;
    this.#log = log;
    this.hooks = {
      'before:package:cleanup': () => this.#prepare(),
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.#completeTemplate(),
    };
  }

  #prepare(): void {
    const { service, serviceDir } = this.#serverless;
    const missing = Object.entries(service.custom.required).flatMap(([name, value]) =>
      UNSET.test(value) ? [name] : [],
    );
    if (missing.length > 0) {
      throw this.#error(`Missing parameters: ${missing.map((name) => `--param ${name}=…`).join(', ')}`);
    }
    this.#properties();
    const unset = unsetOfRegistry(service.functions['mergeRooms']?.environment ?? {});
    if (unset !== undefined) this.#log.warning(unset);
    // `sls offline` leaves its build there, and the next package would put those files into every zip.
    rmSync(path.join(serviceDir, '.esbuild'), { recursive: true, force: true });
  }

  /** What the parameters add to the template. */
  #properties() {
    const { trigger, alarms } = this.#serverless.service.custom;
    try {
      return {
        trigger: triggerProperties(trigger),
        alarm: alarmActions(alarms),
        offsetLag: offsetLagThreshold(alarms),
      };
    } catch (error) {
      throw this.#error(error instanceof Error ? error.message : String(error));
    }
  }

  #completeTemplate(): void {
    const { Resources } = this.#serverless.service.provider.compiledCloudFormationTemplate;
    const { trigger, alarm, offsetLag } = this.#properties();
    for (const resource of Object.values(Resources)) {
      const { Type, Properties } = resource;
      if (Type === 'AWS::Lambda::EventSourceMapping') Object.assign(Properties, trigger);
      if (Type === 'AWS::CloudWatch::Alarm') Object.assign(Properties, alarm);
      if (Properties?.['MetricName'] === 'OffsetLag') Object.assign(Properties, offsetLag);
      // `Role` refers to the role already; saying it twice is a finding of cfn-lint.
      if (Type === 'AWS::Lambda::Function') {
        resource.DependsOn = resource.DependsOn?.filter((name) => !name.endsWith('Role')) ?? [];
      }
    }
  }

  #error(message: string): Error {
    return new this.#serverless.classes.Error(message, 'PARAMETER_INVALID');
  }
}
