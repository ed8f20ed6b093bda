import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createDispatch, type DispatchRecord } from '../../lib/dispatch/dispatch.ts';
import type { Sender } from '../../lib/dispatch/fan-out.ts';
import type { DeadLetter } from '../../lib/domain/dead-letter.ts';
import { INVOKE_CLIENT_MS, MAX_INVOKES, PARKS_IN_FLIGHT } from '../../lib/domain/limits.ts';
import type { Mark } from '../../lib/domain/mark.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import type { MalformedRecord, PushMessage, Target } from '../../lib/domain/push-message.ts';
import type { View } from '../../lib/domain/route.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { Park, ParkOptions } from '../../lib/parking/park.ts';
import { type RecordedLog, recordLog } from '../log.ts';

const ENDS_AT = 60_000;
const BODY = Buffer.from('secret body').toString('base64');

let now: number;
let view: View;
let afresh: View;
let sent: { comet: string; ids: string[]; timeoutMs: number }[];
let letters: DeadLetter[];
let marks: Mark[];
let parked: { comet: string; ids: string[]; options: ParkOptions }[];
let parking: () => Promise<void>;
let tooLarge: ReadonlySet<string>;
let answer: (comet: string, ids: readonly string[]) => Promise<Outcome[]>;
let log: RecordedLog;

const viewOf = (live: readonly string[], more: Partial<View> = {}): View => ({
  comets: new Map(live.map((id) => [id, { id, addresses: [`http://${id}`] }])),
  fresh: new Set(live),
  cometsByRoom: new Map(),
  ...more,
});

const message = (offset: number, target: Target, more: Partial<PushMessage> = {}): PushMessage => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 100,
  target,
  operation: 1000,
  body: BODY,
  ...more,
});
const toComet = (offset: number, comet: string): PushMessage =>
  message(offset, { type: 'push', comet, keys: ['secret key'] });
const toRoom = (offset: number): PushMessage => message(offset, { type: 'room', room: 'r' });
const toAll = (offset: number, speed = 0): PushMessage => message(offset, { type: 'all', speed });
const malformed = (offset: number): MalformedRecord => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 100,
  malformed: 'value-empty',
  original: { key: 'azE=', value: null, headers: [] },
});

const sender: Sender = {
  send: (comet, chunk, { timeoutMs }) => {
    const ids = chunk.ops.map(({ op }) => op.id);
    sent.push({ comet: comet.id, ids, timeoutMs });
    return answer(comet.id, ids);
  },
  heldBytes: ({ bytes }) => bytes,
};

const behind = {
  readPartition: async (name: string) => marks.filter(({ partition }) => partition === name),
};
const park: Park = async (comet, ops, options) => {
  await parking();
  const [left = [], fit = []] = [true, false].map((isLarge) =>
    ops.filter(({ op }) => tooLarge.has(op.id) === isLarge).map(({ op }) => op),
  );
  if (fit.length > 0) parked.push({ comet, ids: fit.map(({ id }) => id), options });
  return left;
};
/** No comet is late. */
const CLOCK = { now: () => now, sleep: () => new Promise<void>(() => {}) };
const FRESH = { endsAt: ENDS_AT, replayed: false };

const dispatch = (
  records: readonly DispatchRecord[],
  {
    writeLetters,
    replayed = false,
    only,
    messageTtlS = 0,
  }: { writeLetters?: () => Promise<void>; replayed?: boolean; only?: string; messageTtlS?: number } = {},
): Promise<void> =>
  createDispatch({
    view: { load: async (_rooms, options) => (options?.afresh ? afresh : view) },
    sender,
    deadLetters: {
      write: async (all) => {
        await writeLetters?.();
        letters.push(...all);
      },
    },
    behind,
    park,
    messageTtlS,
    roomRouting: 'table',
    log,
    clock: CLOCK,
  })(records, { endsAt: ENDS_AT, replayed, ...(only === undefined ? {} : { only }) });

beforeEach(() => {
  now = 1_000;
  view = viewOf(['a', 'b']);
  afresh = view;
  sent = [];
  letters = [];
  marks = [];
  parked = [];
  parking = async () => {};
  tooLarge = new Set();
  log = recordLog();
  answer = async (_comet, ids) => ids.map(() => DELIVERED);
});

describe('a batch', () => {
  test('goes out as one delivery a comet, in log order', async () => {
    await dispatch([toComet(1, 'a'), toRoom(2), toAll(3), toComet(4, 'b')]);
    expect(sent.map(({ comet, ids }) => [comet, ids])).toEqual([
      ['a', ['t/0/1', 't/0/2', 't/0/3']],
      ['b', ['t/0/2', 't/0/3', 't/0/4']],
    ]);
  });

  test('parks the ops of a comet that does not take them, and is done', async () => {
    answer = async (comet, ids) => ids.map(() => (comet === 'b' ? undelivered('COMET_TIMEOUT') : DELIVERED));
    await dispatch([toComet(1, 'a'), toAll(2), toAll(3)]);
    expect(parked).toEqual([
      { comet: 'b', ids: ['t/0/2', 't/0/3'], options: { inFleet: true, replayed: false } },
    ]);
    expect(log.lines[0]?.fields).toMatchObject({
      partitions: ['t/0:1-3'],
      comets: ['b:COMET_TIMEOUT'],
      parked: 2,
    });
  });

  test('parks with the longest time for which the comet wants to be left alone', async () => {
    const rests = [200, 30_000, undefined];
    answer = async (_comet, ids) =>
      ids.map((_id, index) => {
        const retryAfterMs = rests[index];
        return undelivered('COMET_BUSY', retryAfterMs === undefined ? {} : { retryAfterMs });
      });
    await dispatch([toComet(1, 'a'), toComet(2, 'a'), toComet(3, 'a')]);
    expect(parked.map(({ options }) => options)).toEqual([
      { inFleet: true, replayed: false, retryAfterMs: 30_000 },
    ]);
  });

  test('fails as a whole if it cannot be parked', async () => {
    answer = async (_comet, ids) => ids.map(() => undelivered('COMET_TIMEOUT'));
    parking = () => Promise.reject(new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true }));
    await expect(dispatch([toComet(1, 'a')])).rejects.toMatchObject({ code: 'STORE_UNANSWERED' });
  });

  test('fails as a whole, unparked, if an Invoke was throttled for longer than there is time', async () => {
    answer = async (comet, ids) =>
      ids.map(() => undelivered(comet === 'b' ? 'DELIVER_THROTTLED' : 'COMET_TIMEOUT'));
    await expect(dispatch([toAll(1)])).rejects.toMatchObject({
      code: 'BATCH_UNDELIVERED',
      retryable: true,
      details: { comets: ['a:COMET_TIMEOUT', 'b:DELIVER_THROTTLED'], undelivered: 2 },
    });
    expect(parked).toEqual([]);
  });

  test('parks without trying what is for a comet that is behind on the partition, and tries its others', async () => {
    marks = [{ partition: 't-0', comet: 'a', parkedThrough: 0, token: 'x' }];
    await dispatch([toAll(1), { ...toComet(7, 'a'), partition: 1 }]);
    expect(sent.map(({ comet, ids }) => [comet, ids])).toEqual([
      ['a', ['t/1/7']],
      ['b', ['t/0/1']],
    ]);
    expect(parked.map(({ comet, ids }) => [comet, ids])).toEqual([['a', ['t/0/1']]]);
  });

  test('parks only what was not delivered', async () => {
    answer = async (_comet, ids) =>
      ids.map((id) => (id === 't/0/2' ? DELIVERED : undelivered('COMET_STATUS')));
    await dispatch([toComet(1, 'a'), toComet(2, 'a'), toComet(3, 'a')]);
    expect(parked.map(({ ids }) => ids)).toEqual([['t/0/1', 't/0/3']]);
  });

  test('reads the marks of its partitions before anything is sent', async () => {
    const reading = Promise.withResolvers<Mark[]>();
    const dispatched = createDispatch({
      view: { load: async () => view },
      sender,
      deadLetters: { write: async () => {} },
      behind: { readPartition: () => reading.promise },
      park,
      messageTtlS: 0,
      roomRouting: 'table',
      log,
      clock: CLOCK,
    })([toComet(1, 'a')], FRESH);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([]);
    reading.resolve([{ partition: 't-0', comet: 'a', parkedThrough: 0, token: 'x' }]);
    await dispatched;
    expect([sent, parked.length]).toEqual([[], 1]);
  });

  test('reads the marks of every partition that it has messages of, each once', async () => {
    marks = [1, 2].map((n) => ({ partition: `t-${n}`, comet: 'a', parkedThrough: 0, token: 'x' }));
    const read = vi.spyOn(behind, 'readPartition');
    onTestFinished(() => read.mockRestore());
    const at = (partition: number, offset: number) => ({ ...toComet(offset, 'a'), partition });
    await dispatch([at(0, 1), at(1, 2), at(1, 3), at(2, 4), { ...malformed(5), partition: 3 }]);
    expect(read.mock.calls.flat().filter((name) => typeof name === 'string')).toEqual(['t-0', 't-1', 't-2']);
    expect(sent.map(({ ids }) => ids)).toEqual([['t/0/1']]);
    expect(parked.map(({ ids }) => ids)).toEqual([['t/1/2', 't/1/3', 't/2/4']]);
  });

  test('fails, with nothing sent, if the marks of one partition cannot be read', async () => {
    const read = vi.spyOn(behind, 'readPartition').mockImplementation(async (name) => {
      if (name === 't-1') throw new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });
      return [];
    });
    onTestFinished(() => read.mockRestore());
    const records = [toComet(1, 'a'), { ...toComet(2, 'a'), partition: 1 }];
    await expect(dispatch(records)).rejects.toMatchObject({ code: 'STORE_UNANSWERED' });
    expect(sent).toEqual([]);
  });

  test('parks for as many comets at once as the tables have connections for, and no more', async () => {
    const comets = Array.from({ length: 3 * PARKS_IN_FLIGHT }, (_, index) => `c${index}`);
    view = viewOf(comets);
    answer = async (_comet, ids) => ids.map(() => undelivered('COMET_TIMEOUT'));
    let inFlight = 0;
    let most = 0;
    parking = async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
    };
    await dispatch([toAll(1), toAll(2)]);
    expect(most).toBe(PARKS_IN_FLIGHT);
    expect(parked.map(({ comet }) => comet)).toEqual(comets);
    expect(log.lines.at(-1)?.fields['parked']).toBe(2 * comets.length);
  });

  test('waits for no comet to answer before it asks the next', async () => {
    const { promise: hang, resolve } = Promise.withResolvers<void>();
    answer = async (comet, ids) => {
      if (comet === 'a') await hang;
      else resolve();
      return ids.map(() => DELIVERED);
    };
    await dispatch([toAll(1)]);
    expect(sent.map(({ comet }) => comet)).toEqual(['a', 'b']);
  });

  test('that is empty is done', async () => {
    await dispatch([]);
    expect(sent).toEqual([]);
  });

  test('has at most MAX_INVOKES comets in flight', async () => {
    view = viewOf(Array.from({ length: MAX_INVOKES + 20 }, (_, index) => `c${index}`));
    let inFlight = 0;
    let most = 0;
    answer = async (_comet, ids) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      return ids.map(() => DELIVERED);
    };
    await dispatch([toAll(1)]);
    expect(most).toBe(MAX_INVOKES);
    expect(sent.length).toBe(MAX_INVOKES + 20);
  });
});

describe('the chunks of one comet', () => {
  const large = (offset: number): PushMessage =>
    message(offset, { type: 'push', comet: 'a', keys: ['k'] }, { body: 'A'.repeat(350_000) });
  const many = Array.from({ length: 32 }, (_, offset) => large(offset));

  test('go one after the other and share one deadline', async () => {
    let inFlight = 0;
    answer = async (_comet, ids) => {
      inFlight += 1;
      expect(inFlight).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      now += 1_500;
      inFlight -= 1;
      return ids.map(() => DELIVERED);
    };
    await dispatch(many);
    expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([5_000, 3_500, 2_000]);
    expect(sent.flatMap(({ ids }) => ids)).toEqual(many.map(({ offset }) => `t/0/${offset}`));
  });

  test('are not sent after an undelivered op, which they would pass', async () => {
    answer = async (_comet, ids) =>
      ids.map((_, index) => (index === 3 ? undelivered('COMET_PARTIAL') : DELIVERED));
    await dispatch(many);
    expect(sent.length).toBe(1);
    expect(parked.map(({ ids }) => ids.length)).toEqual([many.length - (sent[0]?.ids.length ?? 0) + 1]);
  });
});

test('no call begins that could outlive the invocation', async () => {
  now = ENDS_AT - INVOKE_CLIENT_MS;
  await dispatch([toAll(1)]);
  expect(sent).toEqual([]);
  expect(parked.map(({ comet }) => comet)).toEqual(['a', 'b']);
});

describe('a record that cannot be decoded', () => {
  test('becomes a dead letter with its reason and original, and the others go on', async () => {
    await dispatch([toComet(1, 'a'), malformed(2), toComet(3, 'a')]);
    expect(sent[0]?.ids).toEqual(['t/0/1', 't/0/3']);
    expect(letters).toEqual([
      {
        id: 't/0/2#malformed',
        kind: 'record',
        reason: 'value-empty',
        topic: 't',
        partition: 0,
        offset: 2,
        timestamp: 100,
        original: '{"key":"azE=","value":null,"headers":[]}',
      },
    ]);
  });

  test('fails the batch if its dead letter cannot be stored', async () => {
    const failing = () =>
      Promise.reject(new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true }));
    await expect(dispatch([malformed(2)], { writeLetters: failing })).rejects.toMatchObject({
      code: 'STORE_UNANSWERED',
    });
  });

  test('needs no fleet', async () => {
    const failing = createDispatch({
      view: { load: () => Promise.reject(new Error('not needed')) },
      sender,
      deadLetters: { write: async (all) => void letters.push(...all) },
      behind,
      park,
      messageTtlS: 0,
      roomRouting: 'table',
      log,
      clock: CLOCK,
    });
    await failing([malformed(1)], FRESH);
    expect(letters.length).toBe(1);
  });
});

describe('a push to a comet that is not in the fleet', () => {
  test('is sent if a fresh read finds the comet', async () => {
    afresh = viewOf(['a', 'b', 'new']);
    await dispatch([toComet(1, 'new')]);
    expect(sent.map(({ comet }) => comet)).toEqual(['new']);
    expect(letters).toEqual([]);
  });

  test('is parked under that id once a fresh read has not found it: it may be about to appear', async () => {
    await dispatch([toComet(1, 'old'), toComet(2, 'a')]);
    expect(sent.map(({ ids }) => ids)).toEqual([['t/0/2']]);
    expect(parked).toEqual([{ comet: 'old', ids: ['t/0/1'], options: { inFleet: false, replayed: false } }]);
  });
});

describe('a message that is older than MESSAGE_TTL_S', () => {
  test('is dropped and counted, and no dead letter', async () => {
    now = 10_200;
    await dispatch([toComet(1, 'a'), { ...toComet(2, 'a'), timestamp: 300 }], { messageTtlS: 10 });
    expect(sent.map(({ ids }) => ids)).toEqual([['t/0/2']]);
    expect([letters, log.metrics['DroppedExpired']]).toEqual([[], 1]);
  });

  test('is sent all the same if it is replayed by hand, and parked as such', async () => {
    now = 99_000;
    answer = async (_comet, ids) => ids.map(() => undelivered('COMET_TIMEOUT'));
    await dispatch([toComet(1, 'a')], { messageTtlS: 10, replayed: true });
    expect(parked).toMatchObject([{ ids: ['t/0/1'], options: { replayed: true } }]);
  });
});

test.each([
  ['a room message', toRoom(1)],
  ['a broadcast with a speed', toAll(1, 500)],
])('%s fails the batch while there is no live comet', async (_name, record) => {
  view = viewOf([]);
  afresh = view;
  await expect(dispatch([record])).rejects.toMatchObject({ code: 'FLEET_UNKNOWN', retryable: true });
});

describe('an op that the comet refuses', () => {
  const refused: Outcome = { status: 'dropped', reason: 'refused', detail: 'body of no known format' };

  test('is a dead letter with the comet’s reason, and holds up nothing', async () => {
    answer = async (_comet, ids) => ids.map((id) => (id === 't/0/2' ? refused : DELIVERED));
    await dispatch([toComet(1, 'a'), toComet(2, 'a'), toComet(3, 'a')]);
    expect(letters).toMatchObject([
      { id: expect.stringMatching(/^t\/0\/2#a#refused#/), comet: 'a', detail: 'body of no known format' },
    ]);
    expect(log.metrics).toMatchObject({ DroppedRefused: 1, Delivered: 2, DeadLetters: 1 });
  });

  test('is one dead letter a comet', async () => {
    answer = async (_comet, ids) => ids.map(() => refused);
    await dispatch([toAll(1)]);
    expect(letters.map(({ id }) => id)).toEqual(['t/0/1#a#refused', 't/0/1#b#refused']);
  });

  test('is stored even if the batch fails: a comet that drops repeats would not refuse it again', async () => {
    answer = async (comet, ids) =>
      ids.map(() => (comet === 'a' ? refused : undelivered('DELIVER_THROTTLED')));
    await expect(dispatch([toAll(1)])).rejects.toMatchObject({ code: 'BATCH_UNDELIVERED' });
    expect(letters.map(({ id }) => id)).toEqual(['t/0/1#a#refused']);
  });
});

describe('an op that no parked item can hold', () => {
  test('is a dead letter of its own reason when its comet is down; the others are parked', async () => {
    tooLarge = new Set(['t/0/2']);
    answer = async (_comet, ids) => ids.map(() => undelivered('COMET_UNREACHABLE'));
    await dispatch([toComet(1, 'a'), toComet(2, 'a'), toComet(3, 'a')]);
    expect(parked.map(({ ids }) => ids)).toEqual([['t/0/1', 't/0/3']]);
    expect(letters).toMatchObject([{ kind: 'op', reason: 'too-large-to-park', comet: 'a', offset: 2 }]);
    expect(log.lines.at(-1)?.fields).toMatchObject({ parked: 2, tooLargeToPark: 1 });
    expect(log.metrics['DroppedTooLargeToPark']).toBe(1);
  });

  test('fails the batch if its letter cannot be stored', async () => {
    tooLarge = new Set(['t/0/2']);
    answer = async (_comet, ids) => ids.map(() => undelivered('COMET_UNREACHABLE'));
    const failure = new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });
    await expect(dispatch([toComet(2, 'a')], { writeLetters: () => Promise.reject(failure) })).rejects.toBe(
      failure,
    );
  });

  test('is tried again for its comet alone, though that is behind', async () => {
    marks = [{ partition: 't-0', comet: 'a', parkedThrough: 9, token: 'x' }];
    await dispatch([toRoom(2), toAll(3, 10)], { replayed: true, only: 'a' });
    expect(sent).toMatchObject([{ comet: 'a', ids: ['t/0/2', 't/0/3'] }]);
    expect(parked).toEqual([]);
  });
});

test('a slow client is a dead letter of its own, for it alone, and holds up nothing', async () => {
  const slow: Outcome = { status: 'dropped', reason: 'slow', detail: '1 of 2 keys', keys: ['k2'] };
  answer = async (_comet, ids) => ids.map(() => slow);
  await dispatch([message(1, { type: 'push', comet: 'a', keys: ['k1', 'k2'] })]);
  expect(letters).toMatchObject([
    { id: expect.stringMatching(/^t\/0\/1#a#slow#[0-9a-f]{16}$/), reason: 'slow', detail: '1 of 2 keys' },
  ]);
  expect(JSON.parse(letters[0]?.original ?? '')).toMatchObject({ type: 'push', keys: ['k2'] });
  expect(log.metrics).toMatchObject({ DroppedSlow: 1, DeadLetters: 1 });
  expect(JSON.stringify(log.lines)).not.toContain('k2');
});

describe('the log of a batch', () => {
  test('is one line and its metrics when all goes well', async () => {
    await dispatch([toComet(1, 'a'), toAll(2)]);
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'batch',
        fields: {
          partitions: ['t/0:1-2'],
          records: 2,
          malformed: 0,
          delivered: 3,
          dropped: 0,
          undelivered: 0,
          calls: 2,
          parked: 0,
          durationMs: 0,
        },
      },
    ]);
    expect(log.metrics).toEqual({ Records: 2, Delivered: 3, Rpcs: 2, RecordAgeMs: 900 });
  });

  test('names each stretch of a partition, also where topics and partitions follow each other', async () => {
    const at = (topic: string, partition: number, offset: number) => ({
      ...toComet(offset, 'a'),
      topic,
      partition,
    });
    await dispatch([
      at('t', 0, 5),
      at('t', 0, 6),
      at('u', 0, 7),
      at('u', 1, 8),
      at('u', 1, 9),
      at('t', 1, 1),
    ]);
    expect(log.lines[0]?.fields['partitions']).toEqual(['t/0:5-6', 'u/0:7-7', 'u/1:8-9', 't/1:1-1']);
  });

  test('has the age of the oldest record, and 0 for none', async () => {
    await dispatch([
      { ...toComet(1, 'a'), timestamp: 400 },
      { ...toComet(2, 'a'), timestamp: 300 },
      toAll(3),
    ]);
    expect(log.metrics['RecordAgeMs']).toBe(900);
    log = recordLog();
    await dispatch([]);
    expect(log.metrics['RecordAgeMs']).toBe(0);
  });

  test('has one line more for each reason and comet, with a count and the first coordinates', async () => {
    answer = async (_comet, ids) => ids.map(() => ({ status: 'dropped', reason: 'refused' }));
    await dispatch([malformed(5), toComet(6, 'a'), malformed(7), toComet(8, 'b'), toComet(9, 'a')]);
    expect(
      log.lines.filter(({ message: line }) => line === 'dead letters').map(({ fields }) => fields),
    ).toEqual([
      { reason: 'value-empty', count: 2, topic: 't', partition: 0, offset: 5, comet: undefined },
      { reason: 'refused', count: 2, topic: 't', partition: 0, offset: 6, comet: 'a' },
      { reason: 'refused', count: 1, topic: 't', partition: 0, offset: 8, comet: 'b' },
    ]);
  });

  test('never shows a body or a key', async () => {
    answer = async (_comet, ids) => ids.map(() => undelivered('DELIVER_THROTTLED'));
    await expect(dispatch([toComet(1, 'a'), toComet(2, 'old'), malformed(3)])).rejects.toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
    const written = JSON.stringify(log.lines);
    expect(written).not.toContain('secret');
    expect(written).not.toContain(BODY);
    expect(written).not.toContain('azE=');
  });
});
