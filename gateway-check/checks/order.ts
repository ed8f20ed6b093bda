import { whetherDone } from '../answers.ts';
import { type Check, firstFinding } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import type { Op } from '../ops.ts';
import { whetherInOrder, whetherReceived } from '../received.ts';
import type { TestClient } from '../test-client.ts';

const COUNT = 200;
/** Requests of partitions that come at once. */
const AT_ONCE = 4;
/** At one a second more than a call's deadline. */
const PACED_CLIENTS = 5;

const numbers = (name: string): string[] => Array.from({ length: COUNT }, (_, index) => `${name} ${index}`);

type MakeOp = (client: TestClient, ops: Gateway['ops'], text: string) => Op;

const inOrder = (id: string, what: string, makeOp: MakeOp): Check => ({
  id,
  says: `${what} arrive in their order`,
  needs: ['clients'],
  run: async ({ ops, connect, deliver }) => {
    const client = await connect();
    const texts = numbers('text');
    await deliver(texts.map((text) => makeOp(client, ops, text)));
    return await whetherInOrder(client, texts, `${COUNT} ops`);
  },
});

/** What comes before what. */
export const orderChecks: readonly Check[] = [
  inOrder('order-key', 'the pushes of one request to a key', ({ key }, ops, text) => ops.push([key], text)),
  inOrder('order-room', 'the messages of one request to a room', ({ room }, ops, text) =>
    ops.room(room, text),
  ),
  inOrder('order-all', 'the broadcasts of one request', (_, ops, text) => ops.all(text)),
  {
    id: 'order-overlap',
    says: 'requests that overlap keep their order, each its own',
    needs: ['clients'],
    run: async ({ ops, connect, deliver }) => {
      const client = await connect();
      const lists = Array.from({ length: AT_ONCE }, (_, index) => numbers(`request ${index},`));
      await Promise.all(lists.map((texts) => deliver(texts.map((text) => ops.push([client.key], text)))));
      return await firstFinding(
        lists.map((texts) => () => whetherInOrder(client, texts, `${COUNT} ops, ${AT_ONCE} times at once`)),
      );
    },
  },
  {
    id: 'finished',
    says: 'a request is finished when it is answered: what the next one holds arrives later',
    needs: ['clients'],
    run: async ({ ops, connect, deliver }) => {
      const client = await connect();
      const texts = numbers('first');
      await deliver(texts.map((text) => ops.room(client.room, text)));
      await deliver([ops.room(client.room, 'next')]);
      return await whetherInOrder(client, [...texts, 'next'], `${COUNT} ops, and then 1 op`);
    },
  },
  {
    id: 'pace',
    says: 'a broadcast with a speed is answered at once',
    needs: ['clients'],
    run: async ({ name, ops, connect, deliver }) => {
      for (let index = 0; index < PACED_CLIENTS; index++) await connect({ key: `${name}/${index}` });
      const what = `a broadcast of speed 1, to ${PACED_CLIENTS} clients`;
      return whetherDone(await deliver([ops.all(undefined, 1)]), 1, what);
    },
  },
  {
    id: 'pace-order',
    says: 'nothing overtakes a broadcast with a speed',
    needs: ['clients'],
    run: async (gateway) => {
      const { name, ops, connect } = gateway;
      const keys = [1, 2, 3].map((number) => `${name}/${number}`);
      const clients = await Promise.all(keys.map((key) => connect({ key })));
      const sent = [ops.all('slow', 2), ops.room(`${name}/room`, 'room'), ops.push(keys, 'push')];
      const what = 'a broadcast of speed 2, a room message, a push';
      const texts = ['slow', 'room', 'push'];
      return await whetherReceived(
        gateway,
        sent,
        clients.map((client) => [client, texts]),
        what,
      );
    },
  },
];
