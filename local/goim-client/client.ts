import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createInbox, type GoimMessage } from './inbox.ts';
import { decode, decodeFrame, encode, type GoimPacket, OP, replyOf } from './wire.ts';

const BEAT_MS = 30_000;
/** A comet that leaves a request unanswered for so long is taken for dead. */
const REPLY_TIMEOUT_MS = 10_000;
/** WebSocket close code, RFC 6455 section 7.4.1. */
const PROTOCOL_ERROR = 1002;

export interface GoimClientOptions {
  /** Like `ws://127.0.0.1:3102/sub`. */
  readonly url: string;
  readonly mid?: number;
  /** Empty: the comet makes one up. */
  readonly key: string;
  readonly roomId: string;
  readonly platform?: string;
  readonly accepts: readonly number[];
  /** The packets' version: 1 of goim v2, the default, 0 of goim v1. */
  readonly version?: 0 | 1;
  /** Gets each message, which is then not kept. */
  readonly onMessage?: (message: GoimMessage) => void;
}

/** An authenticated connection to a goim comet. What waits for an answer rejects when the connection closes. */
export interface GoimClient {
  /** In order of arrival. */
  readonly messages: readonly GoimMessage[];
  /** All messages, once there are `count`. */
  waitForMessages(count: number, timeoutMs: number): Promise<readonly GoimMessage[]>;
  /** How many are online in the room. The client beats by itself too. */
  heartbeat(): Promise<number>;
  changeRoom(roomId: string): Promise<void>;
  subscribe(operations: readonly number[]): Promise<void>;
  unsubscribe(operations: readonly number[]): Promise<void>;
  close(): Promise<void>;
  /** How the connection closed; never rejects. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

const REPLIES: ReadonlySet<number> = new Set(
  [OP.heartbeat, OP.auth, OP.changeRoom, OP.subscribe, OP.unsubscribe].map(replyOf),
);

/** Requests and their replies; replies of one operation answer its requests in order. */
const createRequests = (socket: WebSocket, version: 0 | 1) => {
  const waiting: { reply: number; resolve(body: Buffer): void; reject(error: Error): void }[] = [];
  const request = (operation: number, body = ''): Promise<Buffer> => {
    if (socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('the connection is not open'));
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const timer = setTimeout(() => socket.terminate(), REPLY_TIMEOUT_MS);
    waiting.push({ reply: replyOf(operation), resolve, reject });
    socket.send(encode(operation, body, version));
    return promise.finally(() => clearTimeout(timer));
  };
  const answer = ({ operation, body }: GoimPacket): boolean => {
    const index = waiting.findIndex(({ reply }) => reply === operation);
    if (index !== -1) waiting.splice(index, 1)[0]?.resolve(body);
    return index !== -1;
  };
  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  return { request, answer, fail };
};

type Content = { readonly messages: GoimPacket[] } | { readonly reply: GoimPacket };

/** v2's frame: a raw packet with messages inside, or a reply. Throws if it is neither. */
const contentOf = (frame: Buffer): Content => {
  const packet = decodeFrame(frame);
  return packet.operation === OP.raw ? { messages: decode(packet.body, 1) } : { reply: packet };
};

/** v1's frame, as its last versions write it: bare packets, which are messages unless they answer a request. */
const bareContentOf = (frame: Buffer): Content => {
  const [packet, ...more] = decode(frame, 0);
  return packet !== undefined && more.length === 0 && REPLIES.has(packet.operation)
    ? { reply: packet }
    : { messages: decode(frame, 0) };
};

const parse = (frame: Buffer, version: 0 | 1): Content | { problem: string } => {
  try {
    return version === 0 ? bareContentOf(frame) : contentOf(frame);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : `${error}` };
  }
};

const authBody = ({ mid = 0, key, roomId, platform = 'node', accepts }: GoimClientOptions): string =>
  JSON.stringify({ mid, key, room_id: roomId, platform, accepts });

/** Resolves after the auth reply; rejects if the comet cannot be reached or closes the connection instead. */
export const connectGoimClient = async (options: GoimClientOptions): Promise<GoimClient> => {
  const { version = 1 } = options;
  const socket = new WebSocket(options.url, { handshakeTimeout: REPLY_TIMEOUT_MS });
  const requests = createRequests(socket, version);
  const inbox = createInbox(options.onMessage);
  const { promise: closed, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  let beat: NodeJS.Timeout | undefined;

  const refuse = (problem: string) => socket.close(PROTOCOL_ERROR, problem);
  socket.on('message', (frame) => {
    const content = parse(frame as Buffer, version);
    if ('problem' in content) return refuse(content.problem);
    if ('messages' in content) return content.messages.forEach(inbox.add);
    if (!requests.answer(content.reply)) refuse(`operation ${content.reply.operation} answers no request`);
  });
  socket.on('close', (code, reason) => {
    clearInterval(beat);
    const error = new Error(`the connection closed (${code} ${reason})`);
    requests.fail(error);
    inbox.fail(error);
    resolve({ code, reason: `${reason}` });
  });
  // Each is followed by a close.
  socket.on('error', () => {});

  await once(socket, 'open');
  await requests.request(OP.auth, authBody(options));
  const heartbeat = async () => (await requests.request(OP.heartbeat)).readInt32BE();
  beat = setInterval(() => heartbeat().catch(() => {}), BEAT_MS).unref();
  const list = (operations: readonly number[]) => operations.join(',');
  return {
    messages: inbox.messages,
    waitForMessages: inbox.wait,
    heartbeat,
    changeRoom: async (roomId) => void (await requests.request(OP.changeRoom, roomId)),
    subscribe: async (operations) => void (await requests.request(OP.subscribe, list(operations))),
    unsubscribe: async (operations) => void (await requests.request(OP.unsubscribe, list(operations))),
    close: async () => {
      socket.close();
      await closed;
    },
    closed,
  };
};
