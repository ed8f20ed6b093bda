import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';

/** The stores' client, for a server on this machine. */
export const openTestDynamoDb = (endpoint: string, options: DynamoDBClientConfig = {}): DynamoDBClient =>
  openDynamoDb({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    ...options,
  });

/** What a scripted server answers: a status and a body, no answer at all, a broken connection, or half an answer that never ends. */
export type Reply = { status: number; body: object } | 'silent' | 'cut' | { stalled: () => void };

export interface ScriptedRequest {
  readonly operation: string;
  /** Of a batch, by table. */
  readonly body: { readonly RequestItems?: Record<string, unknown> };
}

const read = async (request: IncomingMessage): Promise<ScriptedRequest['body']> => {
  let text = '';
  for await (const part of request) text += part;
  return JSON.parse(text);
};

/** A server that answers each request as `reply` says, and remembers it. */
export const startScripted = async (
  reply: (request: ScriptedRequest, nth: number) => Reply | Promise<Reply>,
): Promise<{ endpoint: string; requests: ScriptedRequest[]; close(): void }> => {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const request = { operation, body: await read(incoming) };
    requests.push(request);
    const answer = await reply(request, requests.length);
    if (answer === 'silent') return;
    if (answer === 'cut') {
      incoming.socket.destroy();
      return;
    }
    if ('stalled' in answer) {
      outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      outgoing.write('{', answer.stalled);
      return;
    }
    outgoing.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    outgoing.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

export const refusal = (name: string, status = 400): Reply => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no' },
});
