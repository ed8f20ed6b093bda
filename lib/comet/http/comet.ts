import { setTimeout as wait } from 'node:timers/promises';
import type { SecureContextOptions } from 'node:tls';
import { type Chunk, cut, encodeChunk, encodeOp } from '../../domain/batch.ts';
import {
  DELIVERY_MS,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_OPS,
  MAX_ROOMS_REPLY_BYTES,
  ROOMS_WAIT_S,
} from '../../domain/limits.ts';
import { DELIVERED, type Outcome, undelivered } from '../../domain/outcome.ts';
import { type HttpCalls, openHttpCalls } from '../../http-calls.ts';
import type { Secret } from '../../secret.ts';
import type { CometClient } from '../client.ts';
import { type CometError, undeliveredBy } from '../error.ts';
import { cometError, statusError } from './error.ts';
import { type OpsReply, readOpsReply, readRooms } from './reply.ts';
import { createRest, type Rest } from './rest.ts';
import { authorize } from './token.ts';

export interface HttpOptions {
  /** Sent as a bearer token. */
  readonly token?: Secret<string> | undefined;
  /** One request's share of the comet call's deadline, ms. */
  readonly callMs: number;
  readonly tls?: SecureContextOptions | undefined;
}

const postOps = async ({ request }: HttpCalls, chunk: Chunk, signal: AbortSignal): Promise<OpsReply> => {
  const response = await request(
    {
      method: 'POST',
      url: '/v1/ops',
      // Bytes: axios would parse text to see whether it is JSON.
      data: encodeChunk('{"ops":', chunk, '}'),
      headers: { 'Content-Type': 'application/json' },
      maxContentLength: MAX_REPLY_BYTES,
    },
    signal,
  );
  if (response.status !== 200) throw statusError(response);
  return readOpsReply(response, chunk.ops.length);
};

const outcomesOf = ({ done, refused }: OpsReply, count: number): Outcome[] => {
  const outcomes: Outcome[] = Array.from({ length: count }, (_, index) =>
    index < done ? DELIVERED : undelivered('COMET_PARTIAL'),
  );
  for (const { index, reason } of refused)
    outcomes[index] = { status: 'dropped', reason: 'refused', detail: reason };
  return outcomes;
};

/** False: there is no time for it. */
const waited = (rest: Rest, signal: AbortSignal): Promise<boolean> =>
  rest.leftMs() > DELIVERY_MS
    ? Promise.resolve(false)
    : wait(rest.leftMs(), true, { signal }).catch(() => false);

/** "Not now" is waited for as long as the comet says, within the time there is. */
const deliverChunk = async (
  calls: HttpCalls,
  rest: Rest,
  chunk: Chunk,
  signal: AbortSignal,
): Promise<Outcome[]> => {
  while (rest.leftMs() === 0 || (await waited(rest, signal))) {
    try {
      const reply = await postOps(calls, chunk, signal);
      rest.end();
      return outcomesOf(reply, chunk.ops.length);
    } catch (error) {
      const failure = cometError(error, signal);
      if (failure.code !== 'COMET_BUSY')
        return chunk.ops.map(() => ({ status: 'undelivered', ...undeliveredBy(failure) }));
      rest.begin(retryAfterOf(failure));
    }
  }
  const more = rest.isAsked() ? { retryAfterMs: Math.ceil(rest.leftMs()) } : {};
  return chunk.ops.map(() => undelivered('COMET_BUSY', more));
};

const retryAfterOf = ({ details }: CometError): number | undefined =>
  typeof details['retryAfterMs'] === 'number' ? details['retryAfterMs'] : undefined;

type Rooms = Required<Pick<CometClient, 'rooms' | 'roomsChange'>>;

/** `waiting` has connections of its own, and a deadline after the wait. */
const openRooms = (calls: HttpCalls, waiting: HttpCalls): Rooms => {
  let last: { readonly etag: string; readonly rooms: ReadonlySet<string> } | undefined;

  /** The list that the answer has, or `known` if it is unchanged. */
  const ask = async (
    { request }: HttpCalls,
    known: typeof last,
    signal: AbortSignal,
    more: Record<string, string> = {},
  ) => {
    const headers = known === undefined ? more : { ...more, 'If-None-Match': known.etag };
    const response = await request(
      { url: '/v1/rooms', headers, maxContentLength: MAX_ROOMS_REPLY_BYTES },
      signal,
    );
    if (response.status === 304 && known !== undefined) return { rooms: known.rooms, response };
    if (response.status !== 200) throw statusError(response);
    const rooms = readRooms(response);
    const etag: unknown = response.headers['etag'];
    last = typeof etag === 'string' ? { etag, rooms } : undefined;
    return { rooms, response };
  };

  return {
    rooms: async (signal) => (await ask(calls, last, signal)).rooms,
    roomsChange: async (signal) => {
      const known = last;
      if (known === undefined) return 'unsupported';
      const prefer = { Prefer: `wait=${ROOMS_WAIT_S}` };
      const { rooms, response } = await ask(waiting, known, signal, prefer);
      if (response.headers['preference-applied'] === undefined) return 'unsupported';
      return rooms === known.rooms ? 'unchanged' : 'changed';
    },
  };
};

/** The HTTP comet API (docs/comet-api.yaml) at one address. */
export const openHttpComet = (address: string, { token, callMs, tls }: HttpOptions): CometClient => {
  const rest = createRest(Date.now);
  const open = (ms: number): HttpCalls => {
    const plain = openHttpCalls(address, { callMs: ms, tls, toError: cometError });
    return token === undefined ? plain : authorize(plain, token);
  };
  const calls = open(callMs);
  const waiting = open(ROOMS_WAIT_S * 1000 + callMs);
  return {
    deliver: async (ops, signal) => {
      const outcomes: Outcome[] = [];
      for (const chunk of cut(ops.map(encodeOp), MAX_REQUEST_OPS, MAX_REQUEST_BYTES)) {
        const stopped = outcomes.at(-1)?.status === 'undelivered';
        const answered = stopped
          ? chunk.ops.map(() => undelivered('DELIVERY_SKIPPED'))
          : await deliverChunk(calls, rest, chunk, signal);
        outcomes.push(...answered);
      }
      return outcomes;
    },
    ...openRooms(calls, waiting),
    close: () => {
      calls.close();
      waiting.close();
    },
  };
};
