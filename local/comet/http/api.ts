import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Op } from '../../../lib/domain/op.ts';
import { encodePacket, OPERATION, PACKET_VERSION } from '../../../lib/domain/packet.ts';
import type { Connections } from '../clients/connections.ts';
import { type Applying, answerWith, type Faults } from '../faults.ts';
import { type Answer, errorAnswer, jsonAnswer, sendAnswer } from './answer.ts';
import { parseOpsRequest } from './ops-request.ts';

export interface CometApiOptions {
  readonly connections: Connections;
  readonly faults: Faults;
  /** What clients get of a message. */
  readonly frameOf: (operation: number, message: Uint8Array) => Buffer;
  /** Asked for as a bearer token, if given; the one of the moment. */
  readonly token?: (() => string) | undefined;
  /** A message with a larger body is refused. */
  readonly maxBodyBytes: number;
  readonly maxRequestBytes: number;
  /** Each op that is applied or refused, in order. */
  readonly onOp?: ((op: Op) => void) | undefined;
  /** A request with such an op is applied up to it and answered 500. */
  readonly failsOn?: ((op: Op) => boolean) | undefined;
}

interface Route {
  readonly method: 'GET' | 'POST';
  answer(request: IncomingMessage, applying: Applying): Promise<Answer>;
}

/** A message as goim v2's job sends it: a raw packet with the message's own packet inside. */
export const rawPacket = (operation: number, message: Uint8Array): Buffer => {
  const common = { version: PACKET_VERSION, sequence: 0 };
  const inner = encodePacket({ ...common, operation, body: message });
  return encodePacket({ ...common, operation: OPERATION.raw, body: inner });
};

const reasonToRefuse = (operation: number, body: Buffer, maxBodyBytes: number): string | undefined => {
  if (operation === OPERATION.raw) return `operation ${operation} is the raw packet's own`;
  return body.length > maxBodyBytes
    ? `the body of ${body.length} bytes is larger than ${maxBodyBytes}`
    : undefined;
};

const sendOp = (op: Op, body: Buffer, { connections, frameOf }: CometApiOptions): void => {
  const packet = frameOf(op.operation, body);
  switch (op.type) {
    case 'push':
      connections.push(op.keys, op.operation, packet);
      break;
    case 'room':
      connections.toRoom(op.room, packet);
      break;
    case 'all':
      // Not paced by `speed`: a later op would overtake what still waits for its turn.
      connections.toAll(op.operation, packet);
  }
};

/** Applies one op, or answers why this comet will never take it. */
const applyOp = (op: Op, options: CometApiOptions): string | undefined => {
  const { maxBodyBytes, onOp } = options;
  onOp?.(op);
  const body = Buffer.from(op.body, 'base64');
  const reason = reasonToRefuse(op.operation, body, maxBodyBytes);
  if (reason === undefined) sendOp(op, body, options);
  return reason;
};

const applyOps = (ops: readonly Op[], options: CometApiOptions): Answer => {
  const { failsOn = () => false } = options;
  const failing = ops.findIndex(failsOn);
  const reasons = ops.slice(0, failing === -1 ? ops.length : failing).map((op) => applyOp(op, options));
  if (failing !== -1) return errorAnswer(500, 'an op that this comet fails on');
  const refused = reasons.flatMap((reason, index) => (reason === undefined ? [] : [{ index, reason }]));
  return jsonAnswer(200, { done: ops.length, refused });
};

/** The body, or undefined if it is too large; all of it is read, so that the caller reads the answer. */
const readBody = async (request: IncomingMessage, maxBytes: number): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  return bytes <= maxBytes ? Buffer.concat(chunks).toString() : undefined;
};

const opsRoute = (options: CometApiOptions): Route => ({
  method: 'POST',
  answer: async (request, { maxOps, pauseMs = 0 }) => {
    const body = await readBody(request, options.maxRequestBytes);
    if (pauseMs > 0) await pause(pauseMs);
    if (body === undefined) return errorAnswer(413, `more than ${options.maxRequestBytes} bytes`);
    if (!request.headers['content-type']?.startsWith('application/json')) {
      return errorAnswer(400, 'the content type is not application/json');
    }
    const parsed = parseOpsRequest(body);
    return 'ops' in parsed
      ? applyOps(parsed.ops.slice(0, maxOps), options)
      : errorAnswer(400, parsed.problem);
  },
});

const isNamed = (etag: string, ifNoneMatch = ''): boolean =>
  ifNoneMatch.split(',').some((named) => named.trim().replace(/^W\//, '') === etag || named.trim() === '*');

const roomsAnswer = (connections: Connections, ifNoneMatch: string | undefined): Answer => {
  const list = jsonAnswer(200, { rooms: connections.rooms() });
  const etag = `"${createHash('sha256').update(`${list.body}`).digest('base64url')}"`;
  if (isNamed(etag, ifNoneMatch)) return { status: 304, headers: { etag } };
  return { ...list, headers: { ...list.headers, etag } };
};

/** `Prefer: wait=…` (RFC 7240), seconds. */
const waitOf = ({ headers }: IncomingMessage): number =>
  Number(/(?:^|[\s,])wait=(\d{1,2})\b/.exec(`${headers['prefer'] ?? ''}`)?.[1] ?? 0);

/** The answer of the moment in which it is no 304 any more, or that after the wait. */
const changedAnswer = async (
  connections: Connections,
  ifNoneMatch: string | undefined,
  waitS: number,
): Promise<Answer> => {
  const over = pause(waitS * 1000, true as const, { ref: false });
  let answer = roomsAnswer(connections, ifNoneMatch);
  while (answer.status === 304) {
    const isOver = await Promise.race([over, connections.roomsChange()]);
    answer = roomsAnswer(connections, ifNoneMatch);
    if (isOver) break;
  }
  return { ...answer, headers: { ...answer.headers, 'preference-applied': 'wait' } };
};

const roomsRoute = ({ connections }: CometApiOptions): Route => ({
  method: 'GET',
  answer: async (request, { pauseMs = 0 }) => {
    if (pauseMs > 0) await pause(pauseMs);
    const ifNoneMatch = request.headers['if-none-match'];
    const waitS = waitOf(request);
    return waitS > 0 ? changedAnswer(connections, ifNoneMatch, waitS) : roomsAnswer(connections, ifNoneMatch);
  },
});

/** The comet API of `docs/comet-api.yaml`. */
export const createCometApi = (options: CometApiOptions): RequestListener => {
  const { faults, token } = options;
  const routeByPath = new Map([
    ['/v1/ops', opsRoute(options)],
    ['/v1/rooms', roomsRoute(options)],
  ]);
  const answer = async (request: IncomingMessage, path: string, applying: Applying): Promise<Answer> => {
    const route = routeByPath.get(path);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token()}`) {
      return errorAnswer(401, 'the bearer token is missing or wrong', { 'www-authenticate': 'Bearer' });
    }
    if (route === undefined) return errorAnswer(404, 'no such path');
    if (route.method !== request.method) return errorAnswer(405, 'no such method', { allow: route.method });
    return await route.answer(request, applying);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?', 1).join();
    const fault = faults.take(path);
    const makeAnswer = (applying: Applying = {}) => answer(request, path, applying);
    if (fault === undefined) return sendAnswer(response, await makeAnswer());
    await answerWith(fault, response, makeAnswer, faults.hold);
  };
  return (request, response) => {
    // A caller that goes away in the middle of its request needs no answer.
    serve(request, response).catch(() => response.destroy());
  };
};
