import Lambda from 'serverless-offline/lambda';
import type { Serverless } from './serverless.ts';

/** The functions of serverless.yml, bundled and run as serverless-offline does. */
export interface Functions {
  /** Rejects when the function fails, when its time is over and with `Reloaded`. */
  call(functionKey: string, event: unknown): Promise<unknown>;
  /** The next call runs the new code; calls that run the old one are given up. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** The code has changed during the call. */
export class Reloaded extends Error {
  constructor() {
    super('the code has changed, so the call was given up');
  }
}

/** `options` are serverless-offline's own. Made anew each time, so that what bundles the code has said by then where it lies. */
export const openFunctions = (serverless: Serverless, options: object): Functions => {
  const { service } = serverless;
  let lambda: Lambda | undefined;
  let reloaded = Promise.withResolvers<never>();
  reloaded.promise.catch(() => {});

  const open = (): Lambda => {
    const opened = new Lambda(serverless, { ...service.custom['serverless-offline'], ...options });
    opened.create(
      Object.keys(service.functions).map((functionKey) => ({
        functionKey,
        functionDefinition: service.getFunction(functionKey),
      })),
    );
    return opened;
  };
  const close = async () => {
    // A worker that is ended never answers.
    reloaded.reject(new Reloaded());
    reloaded = Promise.withResolvers<never>();
    reloaded.promise.catch(() => {});
    await lambda?.cleanup();
  };
  return {
    call: async (functionKey, event) => {
      lambda ??= open();
      const lambdaFunction = lambda.get(functionKey);
      lambdaFunction.setEvent(event);
      return Promise.race([lambdaFunction.runHandler(), reloaded.promise]);
    },
    reload: close,
    close,
  };
};
