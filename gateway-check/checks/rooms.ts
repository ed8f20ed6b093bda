import { isJsonType, roomsOf, whetherStatus } from '../answers.ts';
import { type Check, firstFinding } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import { type Came, inShort, wordsOf } from '../http.ts';
import { whetherReceived } from '../received.ts';
import { inSomeTries } from '../tries.ts';

const SENT = 'GET /v1/rooms';
const MANY_ROOMS = 20;

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
      return { sent: SENT, came: type, wanted: 'Content-Type: application/json' };
    },
  },
  {
    id: 'rooms-unchanged',
    says: 'the list is 304 while If-None-Match names it',
    run: async ({ rooms }) => {
      if (etagOf(await rooms()) === undefined) return NO_ETAG;
      return await inSomeTries(async () => {
        const etag = `${etagOf(await rooms())}`;
        const sent = `${SENT} with If-None-Match: ${etag}`;
        return whetherStatus(await rooms({ 'if-none-match': etag }), 304, sent);
      });
    },
  },
  {
    id: 'rooms-other',
    says: 'the list is not 304 when If-None-Match names another',
    run: async ({ rooms }) => {
      const etag = '"gateway-check"';
      return whetherStatus(
        await rooms({ 'if-none-match': etag }),
        200,
        `${SENT} with If-None-Match: ${etag}`,
      );
    },
  },
  {
    id: 'rooms-changed',
    says: 'the list is not 304 once a room has come',
    needs: ['clients'],
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
    needs: ['clients'],
    run: async (gateway) => {
      const { room } = await gateway.connect();
      return await inSomeTries(() => whetherListed(gateway, room, true));
    },
  },
  {
    id: 'rooms-left',
    says: 'a room is not listed once its last connection has gone',
    needs: ['clients'],
    run: async (gateway) => {
      const { room, close } = await gateway.connect();
      await gateway.rooms();
      await close();
      return await inSomeTries(() => whetherListed(gateway, room, false));
    },
  },
  {
    id: 'rooms-whole',
    says: 'the list is whole',
    needs: ['clients'],
    run: async (gateway) => {
      const { name, connect } = gateway;
      const numbers = Array.from({ length: MANY_ROOMS }, (_, index) => index);
      const clients = await Promise.all(
        numbers.map((index) => connect({ key: `${name}/key/${index}`, room: `${name}/room/${index}` })),
      );
      const steps = clients.map(
        ({ room }) =>
          () =>
            whetherListed(gateway, room, true),
      );
      return await inSomeTries(() => firstFinding(steps));
    },
  },
  {
    id: 'rooms-names',
    says: 'a room of any characters is listed as it is, and its messages arrive',
    needs: ['clients'],
    run: async (gateway) => {
      const room = `${gateway.name}/房间 a?b=c&d=%25#e"\\🙂`;
      const client = await gateway.connect({ room });
      return await firstFinding([
        () => inSomeTries(() => whetherListed(gateway, room, true)),
        () => whetherReceived(gateway, [gateway.ops.room(room, 'room')], [[client, ['room']]]),
      ]);
    },
  },
];
