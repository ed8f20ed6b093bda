import { describe, expect, test, vi } from 'vitest';
import type { CometClient } from '../../lib/comet/client.ts';
import { createDeliver, createDeliverer } from '../../lib/deliver/deliver.ts';
import type { Comet } from '../../lib/domain/fleet.ts';
import { DELIVERY_MS } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import { ServiceError } from '../../lib/errors.ts';
import { recordLog } from '../log.ts';

const op: Op = {
  id: 't/0/1',
  type: 'room',
  room: 'secret room',
  operation: 1,
  body: 'c2VjcmV0',
  timestamp: 5,
};
const comet: Comet = { id: 'comet-1', addresses: ['http://a'] };
const payload = { v: 1, comet, timeoutMs: 5000, ops: [op] };

const setUp = (outcomes: Outcome[] = [DELIVERED]) => {
  const opened: { comet: Comet; closed: boolean; ops: Op[] }[] = [];
  const log = recordLog();
  const openComet = (to: Comet): CometClient => {
    const entry = { comet: to, closed: false, ops: [] as Op[] };
    opened.push(entry);
    return {
      deliver: async (ops) => {
        entry.ops.push(...ops);
        return outcomes;
      },
      rooms: () => Promise.reject(new Error('not asked')),
      close: () => {
        entry.closed = true;
      },
    };
  };
  const deliverer = createDeliverer({ openComet, log });
  return { opened, log, deliverer, deliver: createDeliver(deliverer) };
};

describe('deliver', () => {
  test('answers the outcomes of its payload’s ops', async () => {
    const { deliver, opened } = setUp();
    expect(await deliver(payload)).toEqual({ v: 1, count: 1, dropped: [], undelivered: [] });
    expect(opened[0]?.ops).toEqual([op]);
  });

  test('says nothing when all goes well', async () => {
    const { deliver, log } = setUp();
    await deliver(payload);
    expect(log.lines).toEqual([]);
    expect(log.metrics).toEqual({});
  });

  test('names the comet and the codes of what it did not take, and no more', async () => {
    const { deliver, log } = setUp([undelivered('COMET_TIMEOUT')]);
    expect(await deliver(payload)).toMatchObject({ undelivered: [{ index: 0, code: 'COMET_TIMEOUT' }] });
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'comet did not take its ops',
        fields: { comet: 'comet-1', ops: 1, codes: ['COMET_TIMEOUT'] },
      },
    ]);
  });

  test.each([
    [3_600_000, DELIVERY_MS],
    [1_500, 1_500],
  ])('asked for %i ms, gives its comet %i ms', async (timeoutMs, given) => {
    vi.useFakeTimers();
    let endedAt: number | undefined;
    const deliverer = createDeliverer({
      openComet: () => ({
        deliver: (_ops, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              endedAt = performance.now();
              resolve([undelivered('COMET_TIMEOUT')]);
            });
          }),
        rooms: () => Promise.reject(new Error('not asked')),
        ping: () => Promise.reject(new Error('not asked')),
        close: () => {},
      }),
      log: recordLog(),
    });
    const startedAt = performance.now();
    const delivering = createDeliver(deliverer)({ ...payload, timeoutMs });
    await vi.advanceTimersByTimeAsync(given + 1);
    await delivering;
    expect((endedAt ?? 0) - startedAt).toBe(given);
    vi.useRealTimers();
  });

  test('keeps one client a comet, and replaces it when the addresses change', async () => {
    const { deliver, opened } = setUp();
    await deliver(payload);
    await deliver(payload);
    await deliver({ ...payload, comet: { id: 'comet-1', addresses: ['http://b'] } });
    expect(opened.map(({ comet: { addresses }, closed }) => [addresses, closed])).toEqual([
      [['http://a'], true],
      [['http://b'], false],
    ]);
  });

  test('ends an op for an address that cannot be used as undelivered', async () => {
    const log = recordLog();
    const openComet = () => {
      throw new ServiceError('COMET_ADDRESS_INVALID', 'no', { retryable: true });
    };
    const answer = await createDeliver(createDeliverer({ openComet, log }))(payload);
    expect(answer.undelivered).toEqual([{ index: 0, code: 'COMET_ADDRESS_INVALID' }]);
  });

  test('names each code once, however many ops it left', async () => {
    const { deliver, log } = setUp(
      ['COMET_TIMEOUT', 'DELIVERY_SKIPPED', 'DELIVERY_SKIPPED'].map((code) =>
        undelivered(code as 'COMET_TIMEOUT'),
      ),
    );
    await deliver({ ...payload, ops: [op, op, op] });
    expect(log.lines[0]?.fields['codes']).toEqual(['COMET_TIMEOUT', 'DELIVERY_SKIPPED']);
  });

  test.each([
    ['a bug', new TypeError('a bug')],
    ['a bug that has a code', Object.assign(new Error('no'), { code: 'COMET_ADDRESS_INVALID' })],
    ['another failure', new ServiceError('CONFIG_INVALID', 'no', { retryable: true })],
  ])('fails for what is no fault of the comet: %s', async (_name, error) => {
    const openComet = () => {
      throw error;
    };
    await expect(createDeliver(createDeliverer({ openComet }))(payload)).rejects.toBe(error);
  });

  test.each([
    ['is not one', {}, 'PAYLOAD_INVALID', false, 'v is missing or unknown'],
    ['comes from a later deploy', { ...payload, v: 2 }, 'PAYLOAD_VERSION', true, 'version 2 is newer than 1'],
  ])('refuses a payload that %s', async (_name, wrong, code, retryable, problem) => {
    const message = `The delivery cannot be read: ${problem}`;
    await expect(setUp().deliver(wrong)).rejects.toMatchObject({ code, retryable, message });
  });
});
