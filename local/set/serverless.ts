export interface FunctionDefinition {
  environment?: Record<string, string>;
}

/** What the local plugin uses of the framework. */
export interface Serverless {
  readonly configurationInput: {
    readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  };
  readonly processedInput: {
    readonly commands: readonly string[];
    readonly options: { readonly param?: readonly string[] };
  };
  readonly service: {
    readonly custom: {
      'serverless-offline': Record<string, unknown>;
      readonly esbuild: Record<string, unknown>;
    };
    readonly provider: {
      readonly region: string;
      readonly stage: string;
      readonly environment: Readonly<Record<string, string>>;
    };
    readonly functions: Readonly<Record<string, FunctionDefinition>>;
    getFunction(key: string): FunctionDefinition;
  };
}
