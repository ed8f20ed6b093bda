import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CometClient } from '../../lib/comet/client.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import type { Fault } from '../../local/comet/faults.ts';
import {
  type ReferenceComet,
  type ReferenceCometOptions,
  startReferenceComet,
} from '../../local/comet/reference-comet.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';

export interface ContractOptions {
  /** A client of this comet, each of whose calls ends within `callMs`. */
  readonly open: (comet: ReferenceComet, callMs: number) => CometClient;
  /** The comet's wires. */
  readonly wire?: Partial<ReferenceCometOptions>;
  /** The comet is of goim v1: its rooms are numbers, and nothing is filtered by operation. */
  readonly isV1?: boolean;
  /** Faults that leave the whole batch undelivered, and the code that it gets. */
  readonly failing: readonly (readonly [name: string, fault: Fault, code: string])[];
}

const body = (text: string): string => Buffer.from(text).toString('base64');
export const roomOp = (offset: number, room = 'live://1'): Op => ({
  id: `t/0/${offset}`,
  type: 'room',
  room,
  operation: 1000,
  body: body(`room ${offset}`),
  timestamp: 5,
});
export const pushOp = (offset: number, keys: readonly string[]): Op => ({
  id: `t/0/${offset}`,
  type: 'push',
  keys,
  operation: 1000,
  body: body(`push ${offset}`),
  timestamp: 5,
});
export const allOp = (offset: number): Op => ({
  id: `t/0/${offset}`,
  type: 'all',
  speed: 0,
  operation: 1000,
  body: body(`all ${offset}`),
  timestamp: 5,
});

const never = new AbortController().signal;
/** As much as the producer of goim's logic puts into a record: one body, or so many keys. */
const LARGEST_BODY_BYTES = 1_000_000;
const MOST_KEYS = 27_000;
/** Long: for calls that are to be answered. */
const PATIENT_MS = 10_000;
/** Short: for calls that are not. */
const CALL_MS = 300;

/** What every client of a comet does, whatever its wire; against the reference comet and clients of goim's protocol. */
export const describeCometClient = (
  name: string,
  { open, wire = {}, isV1 = false, failing }: ContractOptions,
): void => {
  describe(`a comet client over ${name}`, () => {
    const roomOf = (number: number): string => (isV1 ? `${number}` : `live://${number}`);
    const toRoom = (offset: number, room = 1): Op => roomOp(offset, roomOf(room));
    let comet: ReferenceComet;
    let client: CometClient;
    let applied: string[];
    let clients: GoimClient[];

    beforeEach(async () => {
      applied = [];
      clients = [];
      comet = await startReferenceComet({
        id: 'comet-1',
        host: '127.0.0.1',
        clientPort: 0,
        apiPort: 0,
        maxBodyBytes: LARGEST_BODY_BYTES,
        onOp: (op) => applied.push(op.body),
        ...wire,
      });
      client = open(comet, PATIENT_MS);
    });
    afterEach(async () => {
      client.close();
      await Promise.all(clients.map((connected) => connected.close()));
      await comet.close();
    });

    const connect = async (key: string, room: number, accepts = [1000]): Promise<GoimClient> => {
      const { clientUrl: url } = comet;
      const roomId = roomOf(room);
      const connected = await connectGoimClient({ url, key, roomId, accepts, version: isV1 ? 0 : 1 });
      clients.push(connected);
      return connected;
    };
    const bodies = (connected: GoimClient): string[] =>
      connected.messages.map((message) => String(message.body));
    const impatient = (): CometClient => {
      client.close();
      client = open(comet, CALL_MS);
      return client;
    };

    test('delivers to the keys, the room and everyone, each in order', async () => {
      const [k1, k2, other] = [await connect('k1', 1), await connect('k2', 2), await connect('k3', 2, [7])];
      const ops = [toRoom(1), pushOp(2, ['k1', 'k2']), allOp(3), toRoom(4), pushOp(5, ['k2'])];
      expect(await client.deliver(ops, never)).toEqual(Array(5).fill(DELIVERED));
      await k1.waitForMessages(4, PATIENT_MS);
      await k2.waitForMessages(3, PATIENT_MS);
      // Between a key, a room and a broadcast no order is promised.
      const lane = (connected: GoimClient, type: Op['type']): string[] =>
        bodies(connected).filter((text) => text.startsWith(type));
      expect([lane(k1, 'room'), lane(k1, 'push'), lane(k1, 'all')]).toEqual([
        ['room 1', 'room 4'],
        ['push 2'],
        ['all 3'],
      ]);
      expect([lane(k2, 'room'), lane(k2, 'push'), lane(k2, 'all')]).toEqual([
        [],
        ['push 2', 'push 5'],
        ['all 3'],
      ]);
      await other.waitForMessages(isV1 ? 1 : 0, PATIENT_MS);
      expect(bodies(other)).toEqual(isV1 ? ['all 3'] : []);
    });

    test('delivers more ops than fit in one request, in order', async () => {
      const ops = Array.from({ length: 2_500 }, (_, offset) => toRoom(offset));
      expect(await client.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
      expect(applied).toEqual(ops.map((op) => op.body));
    });

    test('delivers the largest body, and a push to as many keys as a record can name', async () => {
      const [k1, k2] = [await connect('k1', 1), await connect('k2', 1)];
      const largest = body('x'.repeat(LARGEST_BODY_BYTES));
      const keys = Array.from({ length: MOST_KEYS }, (_, at) => `0b5a1d1e-5c0b-4a9b-8a43-${at}`);
      const ops = [
        { ...toRoom(1), body: largest },
        { ...allOp(2), body: largest },
        { ...pushOp(3, ['k1']), body: largest },
        pushOp(4, ['k1', ...keys, 'k2']),
      ];
      expect(await client.deliver(ops, never)).toEqual(Array(4).fill(DELIVERED));
      await k1.waitForMessages(4, PATIENT_MS);
      await k2.waitForMessages(3, PATIENT_MS);
      const lengths = (connected: GoimClient) =>
        connected.messages.map((message) => message.body.length).toSorted((a, b) => a - b);
      expect(lengths(k1)).toEqual([6, ...Array(3).fill(LARGEST_BODY_BYTES)]);
      expect(lengths(k2)).toEqual([6, ...Array(2).fill(LARGEST_BODY_BYTES)]);
    });

    test('takes no ops for an answer', async () => {
      expect(await client.deliver([], never)).toEqual([]);
    });

    test('names the ops that the comet refuses, and delivers the others', async () => {
      const tooLarge: Op = { ...toRoom(2), body: body('x'.repeat(LARGEST_BODY_BYTES + 1)) };
      const outcomes = await client.deliver([toRoom(1), tooLarge, toRoom(3)], never);
      expect(outcomes).toEqual([
        DELIVERED,
        { status: 'dropped', reason: 'refused', detail: expect.any(String) },
        DELIVERED,
      ]);
    });

    test.each(failing)(
      'leaves a batch undelivered that the comet answers with %s',
      async (_name, fault, code) => {
        comet.setFault(fault);
        expect(await impatient().deliver([toRoom(1), toRoom(2)], never)).toMatchObject(
          Array(2).fill({ status: 'undelivered', code }),
        );
      },
    );

    test('leaves a batch undelivered when its signal ends the call', async () => {
      await comet.hang();
      const controller = new AbortController();
      const delivering = client.deliver([toRoom(1)], controller.signal);
      controller.abort();
      expect(await delivering).toEqual([undelivered('COMET_TIMEOUT')]);
    });

    test('leaves a batch undelivered when its signal ends a call that is under way', async () => {
      const controller = new AbortController();
      comet.setFault({ kind: 'stall' });
      const delivering = client.deliver([toRoom(1)], controller.signal);
      await vi.waitUntil(() => applied.length === 1, { timeout: PATIENT_MS });
      controller.abort();
      expect(await delivering).toEqual([undelivered('COMET_TIMEOUT')]);
    });

    test('leaves a batch undelivered while nobody listens, and delivers once somebody does', async () => {
      await comet.stop();
      expect(await client.deliver([toRoom(1)], never)).toEqual([undelivered('COMET_UNREACHABLE')]);
      await comet.start();
      expect(await client.deliver([toRoom(1)], never)).toEqual([DELIVERED]);
    });

    test('lists the rooms that have a connection, the same list while it is unchanged', async () => {
      await connect('k1', 1);
      const first = await client.rooms(never);
      expect(new Set(first)).toEqual(new Set([roomOf(1)]));
      expect(await client.rooms(never)).toBe(first);
      await connect('k2', 2);
      expect(new Set(await client.rooms(never))).toEqual(new Set([roomOf(1), roomOf(2)]));
    });

    test('rejects a room list that it cannot get', async () => {
      await comet.hang();
      await expect(impatient().rooms(never)).rejects.toMatchObject({
        code: 'COMET_TIMEOUT',
        retryable: true,
      });
      await comet.stop();
      await expect(client.rooms(never)).rejects.toMatchObject({ code: 'COMET_UNREACHABLE' });
    });

    test('takes calls that begin together', async () => {
      const calls = Array.from({ length: 8 }, (_, offset) => client.deliver([toRoom(offset)], never));
      expect(await Promise.all(calls)).toEqual(calls.map(() => [DELIVERED]));
    });
  });
};
