import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { KEEP_ALIVE_MS, listenOn, shut } from '../listening.ts';

export type InvokeFault =
  | 'throttle'
  /** It runs and dies: `FunctionError`. */
  | 'crash'
  /** It runs longer than it may: `FunctionError`, some time later. */
  | 'time-out'
  /** It runs, its answer is lost. */
  | 'answer-lost'
  /** It does not run, and nobody says so. */
  | 'request-lost'
  | 'error'
  /** Of an Event: it runs twice, as Lambda's queue may have it. */
  | 'twice'
  /** Of an Event: it runs later. */
  | 'late';

export interface InvokeRequest {
  /** Of the caller: the first part of the endpoint's path. */
  readonly sandbox: string;
  readonly functionName: string;
  readonly isEvent: boolean;
  readonly payload: unknown;
}

export interface InvokeServerOptions {
  readonly isDead: (sandbox: string) => boolean;
  readonly take: (request: InvokeRequest) => InvokeFault | undefined;
  /** Runs the function. Rejects as it fails; a `crash` or `time-out` is the caller's to bring about. */
  readonly run: (request: InvokeRequest, fault: InvokeFault | undefined) => Promise<unknown>;
}

/** Lambda's `POST /2015-03-31/functions/{name}/invocations`; a client's endpoint is `<url>/<sandbox>`. */
export interface InvokeServer {
  readonly url: string;
  close(): Promise<void>;
}

const PATH = /^\/([^/]*)\/2015-03-31\/functions\/([^/]+)\/invocations/;
const LATE_MS = 1_500;

const readJson = async (incoming: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
};

const send = (outgoing: ServerResponse, status: number, body: unknown, headers = {}): void => {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(body === undefined ? '' : JSON.stringify(body));
};

const refuse = (outgoing: ServerResponse, status: number, name: string): void =>
  send(outgoing, status, { message: 'a fault that was asked for' }, { 'x-amzn-errortype': name });

/** Whether that was all. */
const isNotRun = (outgoing: ServerResponse, fault: InvokeFault | undefined): boolean => {
  if (fault === 'throttle') refuse(outgoing, 429, 'TooManyRequestsException');
  else if (fault === 'error') refuse(outgoing, 500, 'ServiceException');
  else if (fault === 'request-lost') outgoing.destroy();
  else return false;
  return true;
};

export const startInvokeServer = async ({
  isDead,
  take,
  run,
}: InvokeServerOptions): Promise<InvokeServer> => {
  const runEvent = (request: InvokeRequest, fault: InvokeFault | undefined): void => {
    const once = () => void run(request, fault).catch(() => {});
    if (fault === 'late') setTimeout(once, LATE_MS).unref();
    else once();
    if (fault === 'twice') once();
  };

  /** Of a call that is waited for. */
  const answerCall = async (
    request: InvokeRequest,
    outgoing: ServerResponse,
    fault: InvokeFault | undefined,
  ): Promise<void> => {
    const result = await run(request, fault).then(
      (value) => ({ value }),
      (error: Error) => ({ error }),
    );
    if (isDead(request.sandbox)) return;
    if (fault === 'answer-lost') outgoing.destroy();
    else if ('value' in result) send(outgoing, 200, result.value);
    else {
      const { name, message } = result.error;
      send(
        outgoing,
        200,
        { errorType: name, errorMessage: message },
        { 'x-amz-function-error': 'Unhandled' },
      );
    }
  };

  const answer = async (request: InvokeRequest, outgoing: ServerResponse): Promise<void> => {
    const fault = take(request);
    if (isNotRun(outgoing, fault)) return;
    if (!request.isEvent) return await answerCall(request, outgoing, fault);
    runEvent(request, fault);
    if (fault === 'answer-lost') outgoing.destroy();
    else send(outgoing, 202, undefined);
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const [, sandbox = '', functionName = ''] = PATH.exec(incoming.url ?? '') ?? [];
    const isEvent = incoming.headers['x-amz-invocation-type'] === 'Event';
    const payload = await readJson(incoming);
    if (isDead(sandbox)) return;
    await answer({ sandbox, functionName, isEvent, payload }, outgoing);
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  return { url: `http://127.0.0.1:${port}`, close: () => shut(server) };
};
