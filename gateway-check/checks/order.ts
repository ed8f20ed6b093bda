import { whetherDone } from '../answers.ts';
import type { Check } from '../check.ts';
import { whetherReceived } from '../received.ts';

const COUNT = 200;
/** At one a second more than a call's deadline. */
const PACED_CLIENTS = 5;

const numbers = (name: string): string[] => Array.from({ length: COUNT }, (_, index) => `${name} ${index}`);

/** What comes before what. */
export const orderChecks: readonly Check[] = [
  {
    id: 'order-key',
    says: 'the pushes of one request to a key arrive in their order',
    needs: 'clients',
    run: async (gateway) => {
      const client = await gateway.connect();
      const texts = numbers('push');
      const ops = texts.map((text) => gateway.ops.push([client.key], text));
      return await whetherReceived(gateway, ops, [[client, texts]]);
    },
  },
  {
    id: 'order-room',
    says: 'the messages of one request to a room arrive in their order',
    needs: 'clients',
    run: async (gateway) => {
      const client = await gateway.connect();
      const texts = numbers('room');
      const ops = texts.map((text) => gateway.ops.room(client.room, text));
      return await whetherReceived(gateway, ops, [[client, texts]]);
    },
  },
  {
    id: 'finished',
    says: 'a request is finished when it is answered: what the next one holds arrives later',
    needs: 'clients',
    run: async (gateway) => {
      const client = await gateway.connect();
      const texts = numbers('first');
      await gateway.postOps(texts.map((text) => gateway.ops.room(client.room, text)));
      const next = [gateway.ops.room(client.room, 'next')];
      return await whetherReceived(
        gateway,
        next,
        [[client, [...texts, 'next']]],
        `${COUNT} ops, and then 1 op`,
      );
    },
  },
  {
    id: 'pace',
    says: 'a broadcast with a speed is answered at once',
    needs: 'clients',
    run: async ({ name, ops, connect, postOps }) => {
      for (let index = 0; index < PACED_CLIENTS; index++) await connect({ key: `${name}/${index}` });
      return whetherDone(
        await postOps([ops.all(undefined, 1)]),
        1,
        `a broadcast of speed 1, to ${PACED_CLIENTS} clients`,
      );
    },
  },
  {
    id: 'pace-order',
    says: 'nothing overtakes a broadcast with a speed',
    needs: 'clients',
    run: async (gateway) => {
      const client = await gateway.connect();
      const ops = [gateway.ops.all('slow', 1), gateway.ops.all('next')];
      return await whetherReceived(
        gateway,
        ops,
        [[client, ['slow', 'next']]],
        'a broadcast of speed 1, another of 0',
      );
    },
  },
];
