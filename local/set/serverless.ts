export interface MskTrigger {
  readonly arn: string;
  readonly topic: string;
  readonly batchSize?: number | string;
}

export interface FunctionDefinition {
  environment?: Record<string, string>;
  readonly events?: readonly { readonly msk?: MskTrigger }[];
}

/** What the local plugin uses of the framework. */
export interface Serverless {
  readonly processedInput: { readonly commands: readonly string[] };
  readonly service: {
    readonly custom: {
      readonly trigger: { readonly windowS: number | string };
      'serverless-offline': Record<string, unknown>;
      readonly esbuild: Record<string, unknown>;
    };
    readonly provider: { readonly region: string; readonly stage: string };
    readonly functions: Readonly<Record<string, FunctionDefinition>>;
    getFunction(key: string): FunctionDefinition;
  };
}

/** The function that reads Kafka, and its event. Throws if there is none. */
export const mskTriggerOf = ({ service }: Serverless): MskTrigger & { readonly functionKey: string } => {
  for (const [functionKey, { events = [] }] of Object.entries(service.functions)) {
    const msk = events.find((event) => event.msk !== undefined)?.msk;
    if (msk !== undefined) return { ...msk, functionKey };
  }
  throw new Error('serverless.yml has no function with an msk event');
};
