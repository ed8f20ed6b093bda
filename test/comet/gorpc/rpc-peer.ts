import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { BROADCAST_ARG, PUSH_ARG, PUSHES_ARG, ROOM_ARG } from '../../../lib/comet/gorpc/message.ts';
import { createGobDecoder, type GobMessage } from '../../../lib/gob/decoder.ts';
import { createGobEncoder, type GobEncoder } from '../../../lib/gob/encoder.ts';
import { STRING, type StructType, struct, UINT, type ValueOf } from '../../../lib/gob/type.ts';

const REQUEST = struct('Request', { ServiceMethod: STRING, Seq: UINT });
const RESPONSE = struct('Response', { Seq: UINT, ServiceMethod: STRING, Error: STRING });
const NOTHING = struct('', {});

/** One call, as it came. */
export interface PeerCall {
  /** Without its `PushRPC.`. */
  readonly method: string;
  readonly seq: number;
  readonly socket: Socket;
  read<T extends StructType>(type: T): ValueOf<T>;
  /** All is well, or these words. */
  reply(error?: string): void;
  replyWith<T extends StructType>(type: T, value: ValueOf<T>): void;
}

export interface RpcPeer {
  /** Like `gorpc://127.0.0.1:4711?bodies=any`. */
  readonly url: string;
  readonly calls: PeerCall[];
  readonly sockets: Socket[];
  close(): Promise<void>;
}

const replier =
  (socket: Socket, encoder: GobEncoder, seq: number, method: string) =>
  (error: string, type: StructType, value: Readonly<Record<string, unknown>>): void => {
    encoder.write(RESPONSE, { Seq: seq, ServiceMethod: method, Error: error });
    encoder.write(type, value);
    if (socket.writable) socket.write(encoder.take());
  };

/** A server of `net/rpc` that does with each call what the test says. */
export const startRpcPeer = async (answer: (call: PeerCall) => void): Promise<RpcPeer> => {
  const calls: PeerCall[] = [];
  const sockets: Socket[] = [];
  const serve = (socket: Socket): void => {
    sockets.push(socket);
    const decoder = createGobDecoder();
    const encoder = createGobEncoder();
    let head: ValueOf<typeof REQUEST> | undefined;
    const take = (message: GobMessage): void => {
      if (head === undefined) {
        head = message.read(REQUEST);
        return;
      }
      const { Seq: seq, ServiceMethod } = head;
      head = undefined;
      const send = replier(socket, encoder, seq, ServiceMethod);
      const call: PeerCall = {
        method: ServiceMethod.replace('PushRPC.', ''),
        seq,
        socket,
        read: (type) => message.read(type),
        reply: (error = '') => send(error, NOTHING, {}),
        replyWith: (type, value) => send('', type, value as Readonly<Record<string, unknown>>),
      };
      calls.push(call);
      answer(call);
    };
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      decoder.push(chunk);
      for (let next = decoder.take(2 ** 25); typeof next !== 'string'; next = decoder.take(2 ** 25))
        take(next);
    });
  };
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `gorpc://127.0.0.1:${(server.address() as AddressInfo).port}?bodies=any`,
    calls,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Who gets what: by key, by room or, of broadcasts, by nothing. */
export const targetsOf = (call: PeerCall): string[] => {
  switch (call.method) {
    case 'MPushMsg':
      return call.read(PUSH_ARG).Keys.map((key) => `key ${key}`);
    case 'MPushMsgs':
      return call.read(PUSHES_ARG).PMArgs.map((arg) => `key ${arg.Key}`);
    case 'BroadcastRoom':
      return [`room ${call.read(ROOM_ARG).RoomId}`];
    default:
      call.read(BROADCAST_ARG);
      return ['all'];
  }
};
