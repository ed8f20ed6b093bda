import { expect, test } from 'vitest';
import { createWaiting } from '../../lib/domain/waiting.ts';

test('partitions are taken in turn, and one that is not done goes to the end', () => {
  const waiting = createWaiting();
  waiting.add(['a', 'b']);
  expect(waiting.take()).toBe('a');
  waiting.putBack('a', false);
  expect([waiting.take(), waiting.take(), waiting.take()]).toEqual(['b', 'a', undefined]);
});

test('one that is added while it is worked on comes again, but not beside itself', () => {
  const waiting = createWaiting();
  waiting.add(['a']);
  waiting.take();
  waiting.add(['a']);
  expect([waiting.take(), waiting.size]).toEqual([undefined, 1]);
  waiting.putBack('a', true);
  expect(waiting.take()).toBe('a');
  waiting.putBack('a', true);
  expect(waiting.size).toBe(0);
});
