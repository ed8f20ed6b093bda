import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOn, shut } from './comet/listening.ts';

/** Lambda's Invoke API: an Event is taken in at once and runs by itself; anything else waits for its answer. */
export interface InvokeApi {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs the function that has this name. */
export type RunFunction = (name: string, event: unknown) => Promise<unknown>;

const HOST = '127.0.0.1';
const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
};

const failureOf = (error: unknown): string =>
  JSON.stringify({ errorType: error instanceof Error ? error.name : 'unknown' });

const answer = async (running: Promise<unknown>, response: ServerResponse): Promise<void> => {
  try {
    const result = JSON.stringify(await running);
    response.writeHead(200).end(result);
  } catch (error) {
    response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end(failureOf(error));
  }
};

/** As in Lambda, nobody hears of an Event that fails. */
export const startInvokeApi = async (run: RunFunction): Promise<InvokeApi> => {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = PATH.exec(request.url ?? '')?.[1];
    const event = await readJson(request);
    if (name === undefined) return void response.writeHead(404).end();
    const running = run(name, event);
    if (request.headers['x-amz-invocation-type'] !== 'Event') return await answer(running, response);
    running.catch(() => {});
    response.writeHead(202).end();
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  const port = await listenOn(server, HOST, 0);
  return { url: `http://${HOST}:${port}`, close: () => shut(server) };
};
