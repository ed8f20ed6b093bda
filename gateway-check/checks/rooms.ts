import { setTimeout as pause } from 'node:timers/promises';
import { isJsonType, roomsOf, whetherStatus } from '../answers.ts';
import type { Check, Finding } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import { type Came, inShort, wordsOf } from '../http.ts';

/** Of other clients' coming and going, or a machine that is slow for a moment. */
const TRIES = 5;
const TRY_EVERY_MS = 100;
const SENT = 'GET /v1/rooms';

/** What the last of some tries finds, undefined as soon as one finds nothing. */
const inSomeTries = async (look: () => Promise<Finding | undefined>): Promise<Finding | undefined> => {
  for (let left = TRIES; ; left--) {
    const finding = await look();
    if (finding === undefined || left === 1) return finding;
    await pause(TRY_EVERY_MS);
  }
};

const etagOf = (came: Came): string | undefined => (typeof came === 'string' ? undefined : came.headers.etag);

const NO_ETAG = 'the list has no ETag';

const whetherListed = async ({ rooms }: Gateway, room: string, isThere: boolean) => {
  const came = await rooms();
  const listed = roomsOf(came);
  return listed?.includes(room) === isThere
    ? undefined
    : { sent: SENT, came: wordsOf(came), wanted: `a list with${isThere ? '' : 'out'} ${inShort(room)}` };
};

/** `GET /v1/rooms`. */
export const roomChecks: readonly Check[] = [
  {
    id: 'rooms-form',
    says: 'the rooms are a list of names',
    run: async ({ rooms }) => {
      const came = await rooms();
      return roomsOf(came) === undefined
        ? { sent: SENT, came: wordsOf(came), wanted: '200 and {"rooms":[…]}, names that are not empty' }
        : undefined;
    },
  },
  {
    id: 'rooms-type',
    says: 'the list of rooms is application/json',
    run: async ({ rooms }) => {
      const came = await rooms();
      if (typeof came !== 'string' && isJsonType(came)) return undefined;
      const type = typeof came === 'string' ? came : `Content-Type: ${came.headers['content-type']}`;
      return { sent: SENT, came: type, wanted: 'application/json' };
    },
  },
  {
    id: 'rooms-deadline',
    says: 'the rooms are listed within 0.8 s',
    run: ({ rooms }) => inSomeTries(async () => whetherStatus(await rooms({}, false), 200, SENT)),
  },
  {
    id: 'rooms-unchanged',
    says: 'the list is 304 while If-None-Match names it',
    run: async ({ rooms }) => {
      if (etagOf(await rooms()) === undefined) return NO_ETAG;
      return await inSomeTries(async () => {
        const etag = `${etagOf(await rooms())}`;
        return whetherStatus(
          await rooms({ 'if-none-match': etag }),
          304,
          `${SENT} with If-None-Match: ${etag}`,
        );
      });
    },
  },
  {
    id: 'rooms-changed',
    says: 'the list is not 304 once a room has come',
    needs: 'clients',
    run: async ({ rooms, connect }) => {
      const etag = etagOf(await rooms());
      if (etag === undefined) return NO_ETAG;
      await connect();
      const headers = { 'if-none-match': etag };
      return await inSomeTries(async () =>
        whetherStatus(await rooms(headers), 200, `${SENT} with the If-None-Match of before`),
      );
    },
  },
  {
    id: 'rooms-joined',
    says: 'a room is listed once a connection is in it',
    needs: 'clients',
    run: async (gateway) => {
      const { room } = await gateway.connect({ room: `${gateway.name}/here` });
      return await inSomeTries(() => whetherListed(gateway, room, true));
    },
  },
  {
    id: 'rooms-left',
    says: 'a room is not listed once its last connection has gone',
    needs: 'clients',
    run: async (gateway) => {
      const { room, close } = await gateway.connect({ room: `${gateway.name}/gone` });
      await close();
      return await inSomeTries(() => whetherListed(gateway, room, false));
    },
  },
];
