import Lambda, { type LambdaFunction } from 'serverless-offline/lambda';

/** One call of a function, by whomever; times in ms since 1970. */
export interface Invocation {
  readonly functionKey: string;
  readonly event: unknown;
  readonly startedAt: number;
}

export interface InvocationWatcher {
  began(invocation: Invocation): void;
  /** `result` is undefined if it failed. */
  ended(invocation: Invocation, result: unknown): void;
}

const watchFunction = (
  functionKey: string,
  one: LambdaFunction,
  { began, ended }: InvocationWatcher,
): void => {
  const setEvent = one.setEvent.bind(one);
  const runHandler = one.runHandler.bind(one);
  let event: unknown;
  one.setEvent = (next) => {
    event = next;
    setEvent(next);
  };
  one.runHandler = async () => {
    const invocation = { functionKey, event, startedAt: Date.now() };
    began(invocation);
    try {
      const result = await runHandler();
      ended(invocation, result);
      return result;
    } catch (error) {
      ended(invocation, undefined);
      throw error;
    }
  };
};

/** Of this process, from now on, through the Invoke API too: serverless-offline tells nobody of its calls. */
export const watchInvocations = (watcher: InvocationWatcher): void => {
  const get = Lambda.prototype.get;
  const watched = new WeakSet<LambdaFunction>();
  Lambda.prototype.get = function (functionKey) {
    const one = get.call(this, functionKey);
    if (!watched.has(one)) watchFunction(functionKey, one, watcher);
    watched.add(one);
    return one;
  };
};
