import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_WAKE_PARTITIONS, WAKE_CALL_MS } from '../../lib/domain/limits.ts';
import { createWake, readWake } from '../../lib/lambda/wake.ts';
import { type Answer, type FakeLambda, json, startFakeLambda } from './fake-lambda.ts';

let lambda: FakeLambda;
let answer: Answer;

beforeEach(async () => {
  answer = json(202, {});
  lambda = await startFakeLambda(() => answer);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await lambda.close();
});

/** As redeliver reads it. */
const woken = () => readWake(JSON.parse(lambda.requests[0]?.body ?? ''));

describe('a wake', () => {
  test('is an Event, which redeliver reads as it was written', async () => {
    const wake = { comet: 'comet-1', partitions: ['t-0', 't-1'] };
    await createWake('goim-job-dev-redeliver')(wake);
    expect(lambda.requests).toMatchObject([
      { path: '/2015-03-31/functions/goim-job-dev-redeliver/invocations', type: 'Event' },
    ]);
    expect(woken()).toEqual(wake);
  });

  test('names no more partitions than fit: the others are in the table', async () => {
    const partitions = Array.from({ length: MAX_WAKE_PARTITIONS + 1 }, (_, n) => `t-${n}`);
    await createWake('redeliver')({ comet: 'comet-1', partitions });
    expect(woken()?.partitions).toEqual(partitions.slice(0, -1));
  });

  test('that Lambda does not answer is given up after its time, and says nothing of its comet', async () => {
    const controller = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(controller.signal);
    answer = () => controller.abort();
    const failure = await createWake('redeliver')({ comet: 'secret', partitions: [] }).catch(
      (error: unknown) => error,
    );
    expect(timeout.mock.calls).toEqual([[WAKE_CALL_MS]]);
    expect(failure).toMatchObject({ code: 'REDELIVER_UNREACHED', details: { name: 'AbortError' } });
    expect(String(failure)).not.toContain('secret');
  });

  test('that Lambda does not take is tried once, and rejects', async () => {
    answer = json(429, {}, { 'x-amzn-ErrorType': 'TooManyRequestsException' });
    await expect(createWake('redeliver')({ comet: 'a', partitions: [] })).rejects.toMatchObject({
      code: 'REDELIVER_UNREACHED',
      retryable: true,
      details: { name: 'TooManyRequestsException' },
    });
    expect(lambda.requests.length).toBe(1);
  });
});

test.each([
  ['the schedule’s event', { source: 'aws.events', time: '2026-11-24T00:00:00Z' }],
  ['a newer version', { v: 2, comet: 'a', partitions: [] }],
  ['no comet', { v: 1, comet: '', partitions: [] }],
  ['partitions that are no names', { v: 1, comet: 'a', partitions: [1] }],
  ['nothing', null],
  ['a word', 'wake'],
])('%s is no wake, and so a reason to sweep', (_name, event) => {
  expect(readWake(event)).toBeUndefined();
});
