import { MAX_REQUEST_OPS } from '../../lib/domain/limits.ts';
import type { Check } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import { wordsOf } from '../http.ts';
import { namesOf, OTHER } from '../ops.ts';
import { whetherReceived } from '../received.ts';

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
    needs: ['clients'],
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
    id: 'key-twice',
    says: 'a key may come twice in a push',
    needs: ['clients'],
    run: async ({ ops, connect, deliver }) => {
      const { key, received } = await connect();
      const { came } = await deliver([ops.push([key, key], 'push')]);
      const texts = await received();
      return texts.length === 1 || texts.length === 2
        ? undefined
        : {
            sent: 'POST /v1/ops: a push that names a key twice',
            came: `${wordsOf(came)}, and the client has ${JSON.stringify(texts)}`,
            wanted: '["push"], or twice that',
          };
    },
  },
  {
    id: 'push-only',
    says: 'a push reaches nobody else',
    needs: ['clients'],
    run: async (gateway) => {
      const { one, two } = await twoClients(gateway);
      return await whetherReceived(gateway, [gateway.ops.push([one.key], 'push')], [[two, []]]);
    },
  },
  {
    id: 'room',
    says: 'a room message reaches every connection in the room',
    needs: ['clients'],
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
    needs: ['clients'],
    run: async (gateway) => {
      const { one, two } = await twoClients(gateway);
      return await whetherReceived(gateway, [gateway.ops.room(one.room, 'room')], [[two, []]]);
    },
  },
  {
    id: 'all',
    says: 'a broadcast reaches every connection',
    needs: ['clients'],
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
    needs: ['operations'],
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
    id: 'once',
    says: 'what is done has arrived, and once; what is not, and so comes again, had not',
    needs: ['clients'],
    run: async (gateway) => {
      const { ops, connect } = gateway;
      const client = await connect();
      const texts = Array.from({ length: MAX_REQUEST_OPS }, (_, index) => `room ${index}`);
      const sent = texts.map((text) => ops.room(client.room, text));
      return await whetherReceived(gateway, sent, [[client, texts]]);
    },
  },
];
