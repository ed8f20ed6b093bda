import { setTimeout as pause } from 'node:timers/promises';
import type { ClientConnection, ClientName, OpenClient } from './clients/client.ts';
import { createOps, type Op } from './ops.ts';

/** A client that knows when it has everything. */
export interface TestClient {
  readonly key: string;
  readonly room: string;
  /** The texts that it has once a push of now has come, and so whatever an answered request held. Rejects if that does not come. */
  received(): Promise<string[]>;
  /** The same, as base64. */
  receivedBodies(): Promise<string[]>;
  close(): Promise<void>;
}

type Deliver = (ops: readonly Op[]) => Promise<unknown>;

/** For the first of its pushes to come; a gateway may know of a connection later than its client does, or drop what a client's queue has no room for. */
const PATIENCE_MS = 10_000;
const PUSH_AGAIN_MS = 250;
const POLL_MS = 20;
const MARK = 'gateway-check sentinel ';
const textOf = (body: string): string => `${Buffer.from(body, 'base64')}`;

/** Whether it came within the patience. */
const until = async (has: () => boolean, endAt: number): Promise<boolean> => {
  while (!has() && performance.now() < endAt) await pause(POLL_MS);
  return has();
};

/** Pushes to the connection until one of them comes; false if none does. */
const createReach = ({ bodies }: ClientConnection, key: string, deliver: Deliver) => {
  const ops = createOps(`${key}/sentinel`);
  let count = 0;
  return async (): Promise<boolean> => {
    const endAt = performance.now() + PATIENCE_MS;
    const first = count;
    const isThere = (body: string) => {
      const text = textOf(body);
      return text.startsWith(MARK) && Number(text.slice(MARK.length)) >= first;
    };
    do {
      await deliver([ops.push([key], `${MARK}${count++}`)]);
      if (await until(() => bodies.some(isThere), performance.now() + PUSH_AGAIN_MS)) return true;
    } while (performance.now() < endAt);
    return false;
  };
};

/** A client of which the gateway knows. */
export const openTestClient = async (
  name: ClientName,
  openClient: OpenClient,
  deliver: Deliver,
): Promise<TestClient> => {
  const connection = await openClient(name);
  const reach = createReach(connection, name.key, deliver);
  if (!(await reach())) {
    await connection.close();
    throw new Error('no push reaches a client that has connected');
  }
  const receivedBodies = async (): Promise<string[]> => {
    if (!(await reach())) throw new Error('a push does not reach its client');
    return connection.bodies.filter((body) => !textOf(body).startsWith(MARK));
  };
  return {
    key: name.key,
    room: name.room,
    receivedBodies,
    received: async () => (await receivedBodies()).map(textOf),
    close: connection.close,
  };
};
