import type { Check } from '../check.ts';
import { wordsOf } from '../http.ts';
import { whetherReceived } from '../received.ts';

/** What comes of an op that came before, in whole or in part. */
export const repeatChecks: readonly Check[] = [
  {
    id: 'recreated',
    says: 'an id that comes with another timestamp is another op',
    needs: ['clients'],
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
    id: 'repeat-others',
    says: 'an op that comes beside a repeated one arrives',
    needs: ['clients'],
    run: async ({ ops, connect, deliver }) => {
      const client = await connect();
      const first = ops.push([client.key], 'first');
      await deliver([first]);
      const { came } = await deliver([first, ops.push([client.key], 'second')]);
      const received = await client.received();
      return received.at(-1) === 'second'
        ? undefined
        : {
            sent: 'POST /v1/ops: a push, and again with another one behind it',
            came: `${wordsOf(came)}, and the client has ${JSON.stringify(received)}`,
            wanted: '["first","second"], or "first" twice',
          };
    },
  },
  {
    id: 'broken-applied',
    says: 'nothing is applied of a request that is answered 400',
    needs: ['clients'],
    run: async ({ ops, connect, post }) => {
      const client = await connect();
      const good = ops.push([client.key], 'push');
      const came = await post({ ops: [good, { ...good, type: 'shout' }] });
      const received = await client.received();
      return typeof came !== 'string' && came.status === 400 && received.length > 0
        ? {
            sent: 'POST /v1/ops: a push and an op of an unknown type',
            came: `400, and the client has ${received}`,
            wanted: '400, and nothing',
          }
        : undefined;
    },
  },
];
