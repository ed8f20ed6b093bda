import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { whetherStatus } from '../answers.ts';
import type { Check, Finding } from '../check.ts';
import { type Came, wordsOf } from '../http.ts';

/** A gateway may see later that a caller has gone. */
const ASKED_AFTERWARDS = 5;
const ASKED_EVERY_MS = 20;

const isKept = (came: Came): boolean => typeof came !== 'string' && came.isReused;

const whetherReused = (came: Came, sent: string): Finding | undefined =>
  isKept(came)
    ? undefined
    : {
        sent,
        came: typeof came === 'string' ? came : `${wordsOf(came)}, over a new connection`,
        wanted: 'an answer over the same connection',
      };

/** Half of a request, and then nothing more. */
const goAway = async (url: string): Promise<void> => {
  const { hostname, port, pathname } = new URL(url);
  const socket = connectTcp(Number(port === '' ? 80 : port), hostname.replace(/^\[|\]$/g, ''));
  await once(socket, 'connect');
  const head = ['Host: gateway-check', 'Content-Type: application/json', 'Content-Length: 1000'].join('\r\n');
  await new Promise<void>((resolve) => {
    socket.write(`POST ${pathname.replace(/\/$/, '')}/v1/ops HTTP/1.1\r\n${head}\r\n\r\n{"ops":[`, () =>
      resolve(),
    );
  });
  // Not a reset, which would take back what the gateway has not read.
  socket.destroy();
  await once(socket, 'close');
};

/** What becomes of connections. */
export const connectionChecks: readonly Check[] = [
  {
    id: 'kept',
    says: 'a connection is kept for the next request',
    run: async ({ rooms }) => {
      await rooms();
      return whetherReused(await rooms(), 'GET /v1/rooms, twice');
    },
  },
  {
    id: 'rested',
    says: 'a connection that has rested for 4 s is there for the next request',
    run: async ({ rooms, waits: { restMs } }) => {
      await rooms();
      if (!isKept(await rooms())) return 'connections are not kept at all';
      await pause(restMs);
      return whetherReused(await rooms(), `GET /v1/rooms, and again after ${restMs} ms`);
    },
  },
  {
    id: 'gone-away',
    says: 'a caller that goes away in the middle of a request harms nobody',
    run: async ({ url, rooms }) => {
      if (url.startsWith('https:')) return 'the address is https://';
      await goAway(url);
      for (let asked = 0; asked < ASKED_AFTERWARDS; asked++) {
        const finding = whetherStatus(
          await rooms(),
          200,
          'half of POST /v1/ops and its end, then GET /v1/rooms',
        );
        if (finding !== undefined) return finding;
        await pause(ASKED_EVERY_MS);
      }
      return undefined;
    },
  },
];
