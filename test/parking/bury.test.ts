import { expect, test } from 'vitest';
import { type DeadLetter, opLetters } from '../../lib/domain/dead-letter.ts';
import { ServiceError } from '../../lib/errors.ts';
import { createBury } from '../../lib/parking/bury.ts';
import { recordLog } from '../log.ts';
import { toKeys } from './ops.ts';

const letters = opLetters(toKeys(1, ['secret-key']), 'a', {
  reason: 'refused',
  detail: 'secret words of the comet',
});

const setUp = (write: (letters: readonly DeadLetter[]) => Promise<void>) => {
  const log = recordLog();
  return { log, bury: createBury({ deadLetters: { write }, log }) };
};

test('says where each letter comes from, and nothing of what is in it or of what the comet said', async () => {
  const { log, bury } = setUp(async () => {});
  await bury(letters);
  expect(log.lines).toEqual([
    {
      level: 'warn',
      message: 'dead letters',
      fields: { reason: 'refused', count: 1, topic: 't', partition: 0, offset: 1, comet: 'a' },
    },
  ]);
  expect(log.metrics).toEqual({ DeadLetters: 1 });
});

test('says nothing of letters that could not be stored', async () => {
  const failure = new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });
  const { log, bury } = setUp(() => Promise.reject(failure));
  await expect(bury(letters)).rejects.toBe(failure);
  expect([log.lines, log.metrics]).toEqual([[], {}]);
});

test('does nothing for no letters', async () => {
  const { log, bury } = setUp(() => Promise.reject(new Error('not asked')));
  await bury([]);
  expect([log.lines, log.metrics]).toEqual([[], {}]);
});
