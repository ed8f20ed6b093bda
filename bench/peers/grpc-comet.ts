import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { roomId } from '../events.ts';

/** A gRPC comet that answers each call at once: with so many rooms if it is asked for them, else with an empty message. */
const rooms = Number(process.argv[2] ?? 0);

/** `RoomsReply`: a map is a list of its entries. */
const roomsReply = (): Uint8Array => {
  const reply = new BinaryWriter();
  for (let index = 0; index < rooms; index++) {
    reply.uint32(10).fork().uint32(10).string(roomId(index)).uint32(16).bool(true).join();
  }
  return reply.finish();
};

const framed = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

const EMPTY_MESSAGE = framed(new Uint8Array());
const ROOMS = framed(roomsReply());
const server = createServer();
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  stream.resume();
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(headers[':path']?.endsWith('/Rooms') ? ROOMS : EMPTY_MESSAGE);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('disconnect', () => process.exit());
process.send?.({ address: `grpc://127.0.0.1:${(server.address() as AddressInfo).port}` });
