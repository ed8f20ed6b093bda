import { startInvokeServer } from './server.ts';

/** Lambda's Invoke API: an Event is taken in at once and runs by itself; anything else waits for its answer. */
export interface InvokeApi {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs the function that has this name. */
export type RunFunction = (name: string, event: unknown) => Promise<unknown>;

/** As in Lambda, nobody hears of an Event that fails. */
export const startInvokeApi = async (run: RunFunction): Promise<InvokeApi> => {
  const server = await startInvokeServer({
    isDead: () => false,
    take: () => undefined,
    run: ({ functionName, payload }) => run(functionName, payload),
  });
  return { url: `${server.url}/all`, close: server.close };
};
