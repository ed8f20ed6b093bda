import type { Check } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import { wordsOf } from '../http.ts';
import { namesOf, OTHER } from '../ops.ts';
import { whetherReceived } from '../received.ts';

/** Every byte. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64');

const twoClients = async ({ name, connect }: Gateway) => {
  const one = await connect({ key: `${name}/one`, room: `${name}/here` });
  const two = await connect({ key: `${name}/two`, room: `${name}/there` });
  return { one, two };
};

/** Who gets what. */
export const deliveryChecks: readonly Check[] = [
  {
    id: 'push',
    says: 'a push reaches each connection that it names, and passes over a key that is not here',
    needs: 'clients',
    run: async (gateway) => {
      const { one, two } = await twoClients(gateway);
      const op = gateway.ops.push([`${gateway.name}/nobody`, one.key, two.key], 'push');
      return await whetherReceived(
        gateway,
        [op],
        [
          [one, ['push']],
          [two, ['push']],
        ],
      );
    },
  },
  {
    id: 'push-only',
    says: 'a push reaches nobody else',
    needs: 'clients',
    run: async (gateway) => {
      const { one, two } = await twoClients(gateway);
      return await whetherReceived(gateway, [gateway.ops.push([one.key], 'push')], [[two, []]]);
    },
  },
  {
    id: 'room',
    says: 'a room message reaches every connection in the room',
    needs: 'clients',
    run: async (gateway) => {
      const { name, ops, connect } = gateway;
      const room = `${name}/room`;
      const clients = [
        await connect({ key: `${name}/one`, room }),
        await connect({ key: `${name}/two`, room }),
      ];
      return await whetherReceived(
        gateway,
        [ops.room(room, 'room')],
        clients.map((client) => [client, ['room']]),
      );
    },
  },
  {
    id: 'room-only',
    says: 'a room message reaches no other room',
    needs: 'clients',
    run: async (gateway) => {
      const { one, two } = await twoClients(gateway);
      return await whetherReceived(gateway, [gateway.ops.room(one.room, 'room')], [[two, []]]);
    },
  },
  {
    id: 'all',
    says: 'a broadcast reaches every connection',
    needs: 'clients',
    run: async (gateway) => {
      const { one, two } = await twoClients(gateway);
      return await whetherReceived(
        gateway,
        [gateway.ops.all('all')],
        [
          [one, ['all']],
          [two, ['all']],
        ],
      );
    },
  },
  {
    id: 'operation',
    says: 'a connection gets pushes and broadcasts of the operations that it accepts, of its room all',
    needs: 'operations',
    run: async (gateway) => {
      const { ops, connect } = gateway;
      const client = await connect();
      const sent = [
        { ...ops.push([client.key], 'push'), operation: OTHER },
        { ...ops.all('all'), operation: OTHER },
        { ...ops.room(client.room, 'room'), operation: OTHER },
      ];
      const what = `${namesOf(sent)} of operation ${OTHER}, which the client does not accept`;
      return await whetherReceived(gateway, sent, [[client, ['room']]], what);
    },
  },
  {
    id: 'bytes',
    says: 'a body arrives byte for byte',
    needs: 'clients',
    run: async ({ ops, connect, postOps }) => {
      const client = await connect();
      const came = await postOps([{ ...ops.push([client.key]), body: BYTES }]);
      const [body] = await client.receivedBodies();
      return body === BYTES
        ? undefined
        : {
            sent: 'a push of the bytes 0 to 255',
            came: `${wordsOf(came)}, and the client has ${body}`,
            wanted: BYTES,
          };
    },
  },
  {
    id: 'recreated',
    says: 'an id that comes with another timestamp is another op',
    needs: 'clients',
    run: async (gateway) => {
      const client = await gateway.connect();
      const op = gateway.ops.push([client.key], 'first');
      const { body } = gateway.ops.push([], 'second');
      const other = { ...op, timestamp: op.timestamp + 1, body };
      const what = 'two pushes of one id and two timestamps';
      return await whetherReceived(gateway, [op, other], [[client, ['first', 'second']]], what);
    },
  },
  {
    id: 'broken-applied',
    says: 'nothing is applied of a request that is answered 400',
    needs: 'clients',
    run: async (gateway) => {
      const client = await gateway.connect();
      const good = gateway.ops.push([client.key], 'push');
      const came = await gateway.post({ ops: [good, { ...good, type: 'shout' }] });
      const received = await client.received();
      return typeof came !== 'string' && came.status === 400 && received.length > 0
        ? {
            sent: 'a push and an op of an unknown type',
            came: `400, and the client has ${received}`,
            wanted: 'nothing',
          }
        : undefined;
    },
  },
];
