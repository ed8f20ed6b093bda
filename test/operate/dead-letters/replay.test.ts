import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { opOf as domainOp } from '../../../lib/domain/batch.ts';
import type { Op } from '../../../lib/domain/op.ts';
import { offsetOf } from '../../../lib/domain/parked-run.ts';
import type { PushMessage } from '../../../lib/domain/push-message.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { readKafkaEvent, readReplay } from '../../../lib/kafka/event.ts';
import { replayLetters } from '../../../operate/dead-letters/replay.ts';
import type { ReplayDeps } from '../../../operate/dead-letters/replay-queue.ts';
import {
  box,
  DIED,
  type LetterBox,
  opLetter,
  pushOp,
  recordLetter,
  SECRET_BODY,
  SECRET_KEY,
  useLetterBox,
} from './letter-box.ts';

useLetterBox();

interface Run {
  readonly filter?: object;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly change?: (deps: ReplayDeps) => Partial<ReplayDeps>;
}

const replay = async ({ filter = {}, dryRun = false, signal, change = () => ({}) }: Run = {}) => {
  const { deps, out, err } = box.connect(signal);
  const complete = await replayLetters({ ...deps, ...change(deps) }, { filter, dryRun });
  return { complete, out, err, summary: out.at(-1) };
};

const parkedOps = async (comet: string, partition = 't-0'): Promise<Op[]> =>
  (await box.parked.read(comet, partition)).runs.flatMap(({ ops }) => ops);
const offsetsOf = async (comet: string, partition?: string) =>
  (await parkedOps(comet, partition)).map(offsetOf);

/** What each call of `park` was given, in order. */
const watchPark = () => {
  const calls: { comet: string; ids: string[] }[] = [];
  const change = ({ park }: ReplayDeps): Partial<ReplayDeps> => ({
    park: (comet, ops, options) => {
      calls.push({ comet, ids: ops.map(({ op }) => op.id) });
      return park(comet, ops, options);
    },
  });
  return { calls, change };
};

const storeFailure = () => new ServiceError('STORE_THROTTLED', 'no', { retryable: true });

describe('a replay of ops', () => {
  test('parks them again as replayed, marks the comet, wakes redeliver, then deletes the letters', async () => {
    await box.write([opLetter(pushOp(7)), opLetter(pushOp(9), 'comet-1', 'parked-too-long')]);
    const { complete, out, err } = await replay();
    expect(complete).toBe(true);
    expect(out.toSorted()).toEqual([
      '2 replayed, 0 died again, 0 failed',
      'replayed t/0/7#comet-1#refused',
      'replayed t/0/9#comet-1#parked-too-long',
    ]);
    const { runs } = await box.parked.read('comet-1', 't-0');
    expect(runs.map(({ replayed, ops }) => [replayed, ops])).toEqual([[true, [pushOp(7), pushOp(9)]]]);
    expect(await box.marks()).toEqual([['comet-1', 't-0', 9]]);
    expect(box.invoked).toEqual([
      { name: 'goim-job-dev-redeliver', event: { v: 1, comet: 'comet-1', partitions: ['t-0'] } },
    ]);
    expect(await box.idsLeft()).toEqual([]);
    expect(JSON.stringify([out, err])).not.toContain(SECRET_BODY);
    expect(JSON.stringify([out, err])).not.toContain(SECRET_KEY);
  });

  test('keeps the order of the log, comet by comet and partition by partition, over many reads', async () => {
    const offsets = Array.from({ length: 130 }, (_, index) => (index * 97) % 130);
    const ops = offsets.flatMap((offset) => [
      pushOp(offset),
      pushOp(offset, { id: `t/10/${offset}` }),
      pushOp(offset, { id: `t/9/${offset}` }),
    ]);
    await box.write(ops.map((op) => opLetter(op)));
    await box.write(offsets.map((offset) => opLetter(pushOp(offset), 'comet-2')));
    const { calls, change } = watchPark();
    expect((await replay({ change })).summary).toBe('520 replayed, 0 died again, 0 failed');
    const inOrder = (partition: number) => offsets.map((_, offset) => `t/${partition}/${offset}`);
    const idsOf = (comet: string) => calls.filter((call) => call.comet === comet).flatMap(({ ids }) => ids);
    expect(idsOf('comet-1')).toEqual([0, 9, 10].flatMap(inOrder));
    expect(idsOf('comet-2')).toEqual(inOrder(0));
    expect(await offsetsOf('comet-1', 't-9')).toEqual(offsets.toSorted((a, b) => a - b));
  });

  test('sends what one slow client missed to that client only', async () => {
    const slow = (key: string, index: number) => ({
      ...opLetter(pushOp(3, { keys: [key] }), 'comet-1', 'slow'),
      id: `t/0/3#comet-1#slow#${index}`,
    });
    await box.write([slow('k2', 1), slow('k5', 4)]);
    await replay({ filter: { reason: 'slow' } });
    expect(await parkedOps('comet-1')).toEqual([pushOp(3, { keys: ['k2'] }), pushOp(3, { keys: ['k5'] })]);
    expect(await box.idsLeft()).toEqual([]);
  });

  test('joins an op that is larger than an item', async () => {
    const op = pushOp(5, { body: 'eA=='.repeat(87_000) });
    await box.write([opLetter(op)]);
    expect((await box.idsLeft()).length).toBeGreaterThan(2);
    await replay();
    expect(await parkedOps('comet-1')).toEqual([op]);
    expect(await box.idsLeft()).toEqual([]);
  });

  test.each([
    [{ reason: 'gone' }, [], [2]],
    [{ comet: 'comet-1' }, [1, 3], []],
    [{ id: 't/0/3#comet-1#refused' }, [3], []],
  ])('takes only those asked for: %j', async (filter, one, two) => {
    await box.write([opLetter(pushOp(1)), opLetter(pushOp(2), 'comet-2', 'gone'), opLetter(pushOp(3))]);
    await replay({ filter });
    expect([await offsetsOf('comet-1'), await offsetsOf('comet-2')]).toEqual([one, two]);
    expect((await box.idsLeft()).length).toBe(3 - one.length - two.length);
  });

  test('leaves a letter that has died again meanwhile, and says so', async () => {
    const letters = [opLetter(pushOp(1)), opLetter(pushOp(2))];
    await box.write(letters);
    box.answer.now = async () => {
      await box.write(letters.slice(0, 1), DIED + 5_000);
      return {};
    };
    const { complete, out, err } = await replay();
    expect(complete).toBe(false);
    expect(out).toEqual(['replayed t/0/2#comet-1#refused', '1 replayed, 1 died again, 0 failed']);
    expect(err).toContain('died again t/0/1#comet-1#refused');
    expect(await box.idsLeft()).toEqual(['t/0/1#comet-1#refused']);
  });

  test('waits until redeliver has dealt with it, and so knows what its comet refuses again', async () => {
    await box.write([opLetter(pushOp(1)), opLetter(pushOp(2))]);
    const mark = { partition: 't-0', comet: 'comet-1', parkedThrough: 2, token: 'x' };
    const asked: string[] = [];
    const readMark = async (partition: string, comet: string) => {
      if (asked.push(`${partition} ${comet}`) < 3) return mark;
      await box.write([opLetter(pushOp(1))], DIED + 60_000);
      return undefined;
    };
    const { complete, out, err } = await replay({ change: () => ({ behind: { readMark } }) });
    expect(asked).toEqual(Array(3).fill('t-0 comet-1'));
    expect(out).toEqual(['replayed t/0/2#comet-1#refused', '1 replayed, 1 died again, 0 failed']);
    expect([complete, err.at(-1)]).toEqual([false, 'died again t/0/1#comet-1#refused']);
    expect(await box.idsLeft()).toEqual(['t/0/1#comet-1#refused']);
  });

  test('says that it is parked if its comet has not taken it in time, and waits for that comet no more', async () => {
    const ops = Array.from({ length: 230 }, (_, offset) => pushOp(offset));
    await box.write([...ops.map((op) => opLetter(op)), opLetter(pushOp(1), 'comet-2')]);
    const mark = { partition: 't-0', comet: 'comet-1', parkedThrough: 9, token: 'x' };
    let reads = 0;
    const readMark = async (_partition: string, comet: string) => {
      if (comet === 'comet-2') return undefined;
      reads += 1;
      return mark;
    };
    const change = () => ({ behind: { readMark }, patienceMs: 300 });
    const { complete, out, summary } = await replay({ change });
    expect([complete, summary]).toEqual([true, '1 replayed, 0 died again, 0 failed, 230 parked']);
    expect(out).toContain('parked t/0/0#comet-1#refused: its comet has not taken it yet');
    expect(reads).toBeLessThanOrEqual(5);
    expect(await box.idsLeft()).toEqual([]);
  });

  test('does not know of what it cannot read the mark', async () => {
    await box.write([opLetter(pushOp(1))]);
    const change = () => ({ behind: { readMark: () => Promise.reject(storeFailure()) }, patienceMs: 0 });
    expect((await replay({ change })).summary).toBe('0 replayed, 0 died again, 0 failed, 1 parked');
  });

  test('leaves the parts of a letter that has died again meanwhile', async () => {
    const letter = opLetter(pushOp(1, { body: 'eA=='.repeat(87_000) }));
    await box.write([letter]);
    box.answer.now = async () => {
      await box.write([letter], DIED + 5_000);
      return {};
    };
    expect((await replay()).summary).toBe('0 replayed, 1 died again, 0 failed');
    expect((await box.letters.read([letter.id])).get(letter.id)).toMatchObject({ original: letter.original });
  });

  test('that dies between parking and deleting can be run again: nothing is lost', async () => {
    const letters = Array.from({ length: 120 }, (_, offset) => opLetter(pushOp(offset)));
    await box.write(letters);
    const removals: Promise<boolean>[] = [];
    const dying = ({ letters: table }: ReplayDeps): Partial<ReplayDeps> => ({
      letters: {
        ...table,
        remove: async (letter) => {
          if (removals.length < 3) removals.push(table.remove(letter));
          await Promise.all(removals);
          throw new Error('killed');
        },
      },
    });
    await expect(replay({ change: dying })).rejects.toThrow('killed');
    await Promise.all(removals);
    const left = await box.idsLeft();
    const parked = new Set(await offsetsOf('comet-1'));
    expect(letters.filter(({ id, offset }) => !left.includes(id) && !parked.has(offset))).toEqual([]);
    expect((await replay()).summary).toBe(`${left.length} replayed, 0 died again, 0 failed`);
    expect(new Set(await offsetsOf('comet-1')).size).toBe(120);
    expect(await box.idsLeft()).toEqual([]);
  });

  test('that is interrupted ends after what is under way, and says what is left', async () => {
    await box.write(Array.from({ length: 120 }, (_, offset) => opLetter(pushOp(offset))));
    const interruption = new AbortController();
    box.answer.now = async () => {
      interruption.abort();
      return {};
    };
    const { complete, summary } = await replay({ signal: interruption.signal });
    expect([complete, summary]).toEqual([false, '100 replayed, 0 died again, 0 failed, 20 not tried']);
    expect((await replay()).summary).toBe('20 replayed, 0 died again, 0 failed');
    expect((await offsetsOf('comet-1')).length).toBe(120);
  });

  test('whose park fails deletes nothing and tries nothing that comes after it on that comet', async () => {
    await box.write(Array.from({ length: 120 }, (_, offset) => opLetter(pushOp(offset))));
    await box.write([opLetter(pushOp(1), 'comet-2')]);
    const { complete, summary, err } = await replay({
      change: ({ park }) => ({
        park: (comet, ...more) =>
          comet === 'comet-1' ? Promise.reject(storeFailure()) : park(comet, ...more),
      }),
    });
    expect([complete, summary]).toEqual([false, '1 replayed, 0 died again, 100 failed, 20 not tried']);
    expect(err).toContain('failed t/0/0#comet-1#refused: STORE_THROTTLED: no');
    expect((await box.idsLeft()).length).toBe(120);
  });

  test('whose delete fails says that it was sent', async () => {
    await box.write([opLetter(pushOp(1))]);
    const { complete, err } = await replay({
      change: ({ letters }) => ({ letters: { ...letters, remove: () => Promise.reject(storeFailure()) } }),
    });
    expect(complete).toBe(false);
    expect(err).toContain(
      'failed t/0/1#comet-1#refused: it was sent, but could not be deleted: STORE_THROTTLED: no',
    );
    expect(await offsetsOf('comet-1')).toEqual([1]);
  });

  test.each([
    { type: 'push', keys: ['k1', 'k2'] },
    { type: 'room', room: 'live://1' },
    { type: 'all', speed: 7 },
  ] as const)('sends a $type that no item can hold through dispatch, for its comet alone', async (target) => {
    const body = randomBytes(1_000_000).toString('base64');
    const { keys: _, ...like } = pushOp(3) as Op & { type: 'push' };
    const op: Op = { ...like, operation: -5, body, ...target };
    await box.write([opLetter(op, 'comet-1', 'too-large-to-park')]);
    expect((await replay()).summary).toBe('1 replayed, 0 died again, 0 failed');
    const [{ name, event } = { name: '', event: {} }] = box.invoked;
    expect(name).toBe('goim-job-dev-dispatch');
    expect(readReplay(event)).toEqual({ replayed: true, only: 'comet-1' });
    const [message] = readKafkaEvent(event, 0);
    expect(domainOp(message as PushMessage, 1)).toEqual(op);
    expect(await box.idsLeft()).toEqual([]);
  });

  test('keeps the letter of an op that dispatch could not deal with', async () => {
    const op = pushOp(3, { body: randomBytes(1_000_000).toString('base64') });
    await box.write([opLetter(op, 'comet-1', 'too-large-to-park')]);
    box.answer.now = async () => ({ failed: true, body: { errorType: 'STORE_FAILED' } });
    expect((await replay()).complete).toBe(false);
    expect(await box.idsLeft()).toContain('t/0/3#comet-1#too-large-to-park');
  });

  test('works on four comets at once and no more', async () => {
    await box.write(Array.from({ length: 9 }, (_, index) => opLetter(pushOp(1), `comet-${index}`)));
    let now = 0;
    let most = 0;
    const change = ({ park }: ReplayDeps): Partial<ReplayDeps> => ({
      park: async (...args) => {
        now += 1;
        most = Math.max(most, now);
        const tooLarge = await park(...args);
        now -= 1;
        return tooLarge;
      },
    });
    expect((await replay({ change })).summary).toBe('9 replayed, 0 died again, 0 failed');
    expect(most).toBe(4);
  });
});

describe('a letter that cannot be read', () => {
  const item = async (id: string, more: object) => {
    const op = pushOp(1);
    const letter = { ...opLetter(op), id };
    await box.write([letter]);
    const whole = {
      id: { S: id },
      kind: { S: 'op' },
      reason: { S: 'refused' },
      topic: { S: 't' },
      partition: { N: '0' },
      offset: { N: '1' },
      timestamp: { N: '5' },
      comet: { S: 'comet-1' },
      diedAt: { N: String(DIED) },
      expiresAt: { N: '9999999999' },
      original: { B: Buffer.from(letter.original) },
    };
    await box.put({ ...whole, ...more } as Parameters<LetterBox['put']>[0]);
  };

  test.each([
    ['of an unknown kind', { kind: { S: 'future' } }, 'its kind is unknown', 0],
    ['without a time of death', { diedAt: { S: 'x' } }, 'its diedAt is missing or wrong', 0],
    [
      'whose original is not JSON',
      { original: { B: Buffer.from(`{${SECRET_KEY}`) } },
      'its original is not JSON',
      1,
    ],
    [
      'whose original is not an op',
      { original: { B: Buffer.from('{"id":1}') } },
      'its original is not an op',
      1,
    ],
    [
      "whose original is another record's",
      { original: { B: Buffer.from(JSON.stringify(pushOp(2))) } },
      'its original is of another record',
      1,
    ],
    ['without its original', { original: { S: '' } }, 'its original is missing', 1],
    ['without one of its parts', { parts: { N: '2' } }, 'part 1 of 2 is missing', 1],
    ['with too many parts', { parts: { N: '1000000' } }, 'it has more parts than an event can fill', 0],
    ['that was cut', { bytes: { N: '9999' } }, 'bytes instead of 9999', 1],
  ])('%s is said, skipped and never deleted', async (_name, more, problem, failed) => {
    await item('t/0/1#odd', more);
    await box.write([opLetter(pushOp(2))]);
    const { err, summary } = await replay();
    expect(err.join('\n')).toContain('cannot read t/0/1#odd: ');
    expect(err.join('\n')).toContain(problem);
    expect(JSON.stringify(err)).not.toContain(SECRET_KEY);
    expect(summary).toBe(`1 replayed, 0 died again, ${failed} failed`);
    expect(await box.idsLeft()).toEqual(['t/0/1#odd']);
  });
});

describe('a dry run', () => {
  test('names what would go, in order, and writes nothing', async () => {
    await box.write([opLetter(pushOp(3)), opLetter(pushOp(20)), opLetter(pushOp(1)), recordLetter(5)]);
    const { out } = await replay({ dryRun: true });
    const ops = out.filter((line) => line.includes('comet-1'));
    expect(ops).toEqual([1, 3, 20].map((offset) => `would replay t/0/${offset}#comet-1#refused`));
    expect(out).toContain('would replay t/0/5#malformed');
    expect(out.at(-1)).toBe('4 would be replayed, 0 failed');
    expect([await box.idsLeft(), await offsetsOf('comet-1'), await box.marks(), box.invoked]).toEqual([
      [expect.anything(), expect.anything(), expect.anything(), expect.anything()],
      [],
      [],
      [],
    ]);
  });
});

describe('a replay of malformed records', () => {
  const eventsOf = () =>
    box.invoked
      .filter(({ name }) => name === 'goim-job-dev-dispatch')
      .map(({ event }) => event as { records: Record<string, { offset: number; partition: number }[]> });

  test('goes through dispatch as the event source gave them, then deletes the letters', async () => {
    await box.write([
      recordLetter(5, { key: 'azE=', value: '?', headers: [{ trace: [1] }] }),
      recordLetter(6, {}),
      recordLetter(7, { key: null, value: 7 }),
    ]);
    const { out, err } = await replay();
    const at = (offset: number) => ({
      topic: 't',
      partition: 0,
      offset,
      timestamp: DIED - 60_000,
      timestampType: 'CREATE_TIME',
    });
    expect(box.invoked).toEqual([
      {
        name: 'goim-job-dev-dispatch',
        event: {
          eventSource: 'aws:kafka',
          replayed: true,
          records: {
            't-0': [
              { ...at(5), key: 'azE=', value: '?', headers: [{ trace: [1] }] },
              at(6),
              { ...at(7), key: null, value: 7 },
            ],
          },
        },
      },
    ]);
    expect(out.toSorted().slice(1)).toEqual([5, 6, 7].map((offset) => `replayed t/0/${offset}#malformed`));
    expect(err).toEqual([]);
    expect(await box.idsLeft()).toEqual([]);
  });

  test('sends at most 100 records and a megabyte an event, each partition in the order of its offsets', async () => {
    const offsets = Array.from({ length: 230 }, (_, index) => (index * 97) % 230);
    await box.write(offsets.map((offset) => recordLetter(offset)));
    await box.write([3, 1, 2].map((offset) => recordLetter(offset, { value: 'x'.repeat(600_000) }, 1)));
    expect((await replay()).summary).toBe('233 replayed, 0 died again, 0 failed');
    const sent = eventsOf().flatMap(({ records }) => Object.values(records));
    const partition = (number: number) => sent.filter(([first]) => first?.partition === number);
    expect(partition(0).map(({ length }) => length)).toEqual([100, 100, 30]);
    expect(
      partition(0)
        .flat()
        .map(({ offset }) => offset),
    ).toEqual(offsets.toSorted((a, b) => a - b));
    expect(partition(1).map((records) => records.map(({ offset }) => offset))).toEqual([[1], [2], [3]]);
  });

  test('leaves one that is still malformed: it has died again', async () => {
    await box.write([recordLetter(5), recordLetter(6)]);
    box.answer.now = async () => {
      await box.write([recordLetter(6)], DIED + 5_000);
      return {};
    };
    const { out, err } = await replay();
    expect(out).toEqual(['replayed t/0/5#malformed', '1 replayed, 1 died again, 0 failed']);
    expect(err).toEqual(['died again t/0/6#malformed']);
    expect(await box.idsLeft()).toEqual(['t/0/6#malformed']);
  });

  test.each([
    ['fails', { failed: true, body: { errorType: 'FLEET_UNKNOWN' } }, 'dispatch failed: FLEET_UNKNOWN'],
    ['fails with text', { failed: true, body: { errorType: SECRET_BODY } }, 'dispatch failed: an error'],
    ['is not there', { status: 404, body: {} }, 'failed t/0/0#malformed: '],
  ])('that %s deletes nothing and sends nothing that comes after it', async (_name, answer, problem) => {
    await box.write(Array.from({ length: 103 }, (_, offset) => recordLetter(offset)));
    box.answer.now = async () => answer;
    const { complete, summary, err } = await replay();
    expect([complete, summary]).toEqual([false, '0 replayed, 0 died again, 100 failed, 3 not tried']);
    expect(err[0]).toContain(problem);
    expect(JSON.stringify(err)).not.toContain(SECRET_BODY);
    expect((await box.idsLeft()).length).toBe(103);
    expect(eventsOf().length).toBe(1);
  });

  test('that was throttled has not run: it is tried again', async () => {
    await box.write([recordLetter(5)]);
    box.answer.now = async () => (box.invoked.length < 3 ? { status: 429 } : {});
    expect((await replay()).summary).toBe('1 replayed, 0 died again, 0 failed');
    expect(box.invoked.length).toBe(3);
  });
});

test('ops and records of one partition are replayed in one run', async () => {
  await box.write([opLetter(pushOp(1)), recordLetter(2), opLetter(pushOp(3), 'comet-2')]);
  expect((await replay()).summary).toBe('3 replayed, 0 died again, 0 failed');
  expect([await offsetsOf('comet-1'), await offsetsOf('comet-2'), await box.idsLeft()]).toEqual([
    [1],
    [3],
    [],
  ]);
});
