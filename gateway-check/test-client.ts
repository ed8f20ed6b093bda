import { setTimeout as pause } from 'node:timers/promises';
import type { ClientConnection, ClientName, OpenClient } from './clients/client.ts';
import type { Came } from './http.ts';
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

const PATIENCE_MS = 5_000;
const POLL_MS = 20;
const MARK = 'gateway-check sentinel ';
const textOf = (body: string): string => `${Buffer.from(body, 'base64')}`;

/** Whether it came within the patience. */
const until = async (has: () => boolean, endAt: number): Promise<boolean> => {
  while (!has() && performance.now() < endAt) await pause(POLL_MS);
  return has();
};

const createSentinels = (
  { bodies }: ClientConnection,
  key: string,
  postOps: (ops: readonly Op[]) => Promise<Came>,
) => {
  const ops = createOps(`${key}/sentinel`);
  let count = 0;
  const send = async (patienceMs: number): Promise<boolean> => {
    const text = `${MARK}${count++}`;
    await postOps([ops.push([key], text)]);
    return await until(() => bodies.some((body) => textOf(body) === text), performance.now() + patienceMs);
  };
  return send;
};

/** A client of which the gateway knows: its connection may be open a little earlier. */
export const openTestClient = async (
  name: ClientName,
  openClient: OpenClient,
  postOps: (ops: readonly Op[]) => Promise<Came>,
): Promise<TestClient> => {
  const connection = await openClient(name);
  const sentinel = createSentinels(connection, name.key, postOps);
  const endAt = performance.now() + PATIENCE_MS;
  while (!(await sentinel(PATIENCE_MS / 20))) {
    if (performance.now() < endAt) continue;
    await connection.close();
    throw new Error('no push reaches a client that has connected');
  }
  const receivedBodies = async (): Promise<string[]> => {
    if (!(await sentinel(PATIENCE_MS))) throw new Error('a push does not reach its client');
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
