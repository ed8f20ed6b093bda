/** The smallest gateway that is right, in Node: `PORT=4501 COMET_TOKEN=… node gateway.ts`; docs/gateway.md walks through it. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import type { components } from '../../docs/comet-api.d.ts';

type Op = components['schemas']['Op'];

const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const MAX_REMEMBERED = 100_000;
const { PORT = '4501', COMET_TOKEN } = process.env;

/* Who is connected. */

const socketByKey = new Map<string, WebSocket>();
const socketsByRoom = new Map<string, Set<WebSocket>>();

const join = (socket: WebSocket, key: string, room: string): void => {
  const members = socketsByRoom.get(room) ?? new Set();
  socketByKey.get(key)?.close();
  socketByKey.set(key, socket);
  if (room !== '') socketsByRoom.set(room, members.add(socket));
  socket.on('error', () => {}); // A close follows.
  socket.on('close', () => {
    if (socketByKey.get(key) === socket) socketByKey.delete(key);
    members.delete(socket);
    if (members.size === 0 && socketsByRoom.get(room) === members) socketsByRoom.delete(room);
  });
};

/* Ops. */

const timestampById = new Map<string, number>();

/** Whether the op is none that has been applied: the same id and the same timestamp. */
const isNew = ({ id, timestamp }: Op): boolean => {
  if (timestampById.get(id) === timestamp) return false;
  timestampById.delete(id); // So that it is the newest.
  timestampById.set(id, timestamp);
  for (const oldest of timestampById.keys()) {
    if (timestampById.size <= MAX_REMEMBERED) break;
    timestampById.delete(oldest);
  }
  return true;
};

const targets = (op: Op): Iterable<WebSocket | undefined> => {
  switch (op.type) {
    case 'push':
      return op.keys.map((key) => socketByKey.get(key));
    case 'room':
      return socketsByRoom.get(op.room) ?? [];
    case 'all':
      return socketByKey.values();
  }
};

const apply = (op: Op): void => {
  if (!isNew(op)) return;
  const body = Buffer.from(op.body, 'base64');
  for (const socket of targets(op)) socket?.send(body);
};

const isOp = (op: Op): boolean =>
  op.type === 'all' ||
  (op.type === 'room' && typeof op.room === 'string') ||
  (op.type === 'push' && Array.isArray(op.keys));

/** The request's ops, or undefined if it is not of the API's form. */
const opsIn = (text: string): Op[] | undefined => {
  try {
    const { ops } = JSON.parse(text);
    return ops.every(isOp) ? ops : undefined;
  } catch {
    return undefined;
  }
};

/* The comet API. */

const answer = (response: ServerResponse, status: number, value: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
};

const takeOps = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (Number(request.headers['content-length']) > MAX_REQUEST_BYTES)
    return answer(response, 413, { error: 'too large' });
  const ops = opsIn(`${await buffer(request)}`);
  if (ops === undefined) return answer(response, 400, { error: 'not of the form of the comet API' });
  ops.forEach(apply);
  answer(response, 200, { done: ops.length });
};

const listRooms = (request: IncomingMessage, response: ServerResponse): void => {
  const rooms = [...socketsByRoom.keys()].sort();
  const etag = `"${createHash('sha256').update(JSON.stringify(rooms)).digest('base64url')}"`;
  if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
  else answer(response, 200, { rooms }, { etag });
};

// goim-job keeps a connection for 4 s: it must not be closed here a moment before it is used.
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const isKnown = COMET_TOKEN === undefined || request.headers.authorization === `Bearer ${COMET_TOKEN}`;
  if (!isKnown) answer(response, 401, { error: 'the token is missing or wrong' });
  else if (request.url === '/v1/rooms') listRooms(request, response);
  else if (request.url === '/v1/ops') takeOps(request, response).catch(() => response.destroy());
  else answer(response, 404, { error: 'no such path' });
});

new WebSocketServer({ server }).on('connection', (socket, { url = '/' }) => {
  const { searchParams } = new URL(url, 'ws://gateway');
  join(socket, searchParams.get('key') ?? '', searchParams.get('room') ?? '');
});

server.listen(Number(PORT), '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`listening on ${address}:${port}`);
});
