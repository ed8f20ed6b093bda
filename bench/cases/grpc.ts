import { shell } from '../../functions/shell.ts';
import { openScope } from '../../lib/comet/calls/scope.ts';
import { openGrpcCalls } from '../../lib/comet/grpc/call.ts';
import { encodeCall } from '../../lib/comet/grpc/message.ts';
import { openComet } from '../../lib/comet/open.ts';
import { createDeliver, createDeliverer } from '../../lib/deliver/deliver.ts';
import { type Chunk, cut, encodeOp } from '../../lib/domain/batch.ts';
import { encodeDelivery } from '../../lib/domain/delivery-payload.ts';
import { COMET_CALL_MS, DELIVERY_MS, MAX_REPLY_BYTES } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import { type Case, CONTEXT, expectCount, type MakeCases } from '../case.ts';
import { makeComets } from '../events.ts';
import { pushChunk } from '../ops.ts';

const RECORDS = 1_000;
const ROOMS = 100;
const BODY = Buffer.alloc(70, 'x').toString('base64');

const roomChunk = (rooms: number): Chunk => {
  const ops = Array.from({ length: RECORDS }, (_, offset): Op => {
    const room = `live://${offset % rooms}`;
    return { id: `t/0/${offset}`, type: 'room', room, operation: 1000, body: BODY, timestamp: 0 };
  });
  return cut(ops.map(encodeOp), RECORDS, Number.POSITIVE_INFINITY)[0] as Chunk;
};

/** What a call costs without the rules of a delivery: the requests are made at once, as many as may be in flight go. */
const bareCalls = (address: string): Case => {
  const calls = openGrpcCalls(new URL(address), { callMs: COMET_CALL_MS });
  const ops = pushChunk(RECORDS).ops.map(({ op }) => op);
  const run = async (): Promise<void> => {
    const scope = openScope(new AbortController().signal);
    const replies = await Promise.all(
      ops.map((op) => calls.unary(() => encodeCall([op]), MAX_REPLY_BYTES, scope)),
    );
    expectCount('failed', replies.filter(({ status }) => status !== 0).length, 0);
    scope.close();
  };
  return { id: 'grpc-bare', title: 'gRPC: the bare client, 64 in flight', unit: 'call', units: RECORDS, run };
};

export const makeCases: MakeCases = (peers) => {
  const [comet] = makeComets(1, () => peers.grpcComet);
  if (comet === undefined) return [];
  const handler = shell('deliver', (log) =>
    createDeliver(createDeliverer({ openComet: (opened) => openComet(opened), log })),
  );
  const deliver = (id: string, title: string, chunk: Chunk): Case => {
    const json = encodeDelivery(comet, DELIVERY_MS, chunk).toString();
    const run = async (): Promise<void> => {
      const reply = await handler(JSON.parse(json), CONTEXT);
      expectCount('answered', reply.count, RECORDS);
      expectCount('undelivered', reply.undelivered.length, 0);
    };
    return { id, title, unit: 'record', units: RECORDS, run };
  };
  return [
    bareCalls(peers.grpcComet),
    deliver('grpc-push', 'deliver: gRPC, 1,000 PUSH to as many keys, 1 call each', pushChunk(RECORDS)),
    deliver('grpc-room', 'deliver: gRPC, 1,000 ROOM of 100 rooms, 0.1 calls each', roomChunk(ROOMS)),
  ];
};
