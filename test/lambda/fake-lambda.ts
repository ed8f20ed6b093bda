import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

/** How the server answers one Invoke. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Invoked {
  readonly path: string;
  /** `X-Amz-Invocation-Type`; undefined: none was sent. */
  readonly type: string | undefined;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

/** Lambda as far as Invoke goes; the environment names it until `close`. */
export const startFakeLambda = async (answer: () => Answer) => {
  const requests: Invoked[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const type = request.headers['x-amz-invocation-type'];
    requests.push({
      path: request.url ?? '',
      type: type === undefined ? undefined : String(type),
      body: Buffer.concat(parts).toString(),
      headers: request.headers,
    });
    answer()(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  return {
    requests,
    close: async (): Promise<void> => {
      vi.unstubAllEnvs();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
export type FakeLambda = Awaited<ReturnType<typeof startFakeLambda>>;
