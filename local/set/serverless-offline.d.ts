declare module 'serverless-offline' {
  export interface OfflineLog {
    debug(...what: unknown[]): void;
    info(...what: unknown[]): void;
    verbose(...what: unknown[]): void;
    notice(...what: unknown[]): void;
    warning(...what: unknown[]): void;
    error(...what: unknown[]): void;
  }

  /** The plugin; all instances log through the one made last. */
  export default class ServerlessOffline {
    constructor(serverless: object, options: object, utils: { log: OfflineLog; progress: unknown });
    /** Ends the process. */
    end(): Promise<void>;
  }
}

declare module 'serverless-offline/lambda' {
  export interface LambdaFunction {
    setEvent(event: unknown): void;
    /** Rejects when the handler does and when the function's time is over; never settles after `cleanup`. */
    runHandler(): Promise<unknown>;
  }

  /** Functions by key, each in as many worker threads as it has invocations at once. */
  export default class Lambda {
    constructor(serverless: object, options: object);
    create(functions: readonly { functionKey: string; functionDefinition: object }[]): void;
    get(functionKey: string): LambdaFunction;
    /** Ends the workers; the next `get` makes new ones. */
    cleanup(): Promise<void>;
  }
}
