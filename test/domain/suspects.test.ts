import { expect, test } from 'vitest';
import { createSuspects } from '../../lib/domain/suspects.ts';
import { toAll, toKeys, toRoom } from '../parking/ops.ts';

const bad = toKeys(1, ['k1', 'k2']);

test('an op is refused after its third failure alone, if the comet took others in between', () => {
  const suspects = createSuspects();
  expect(suspects.failedAlone(bad)).toBe(false);
  suspects.took([toKeys(2, ['k3'])]);
  expect(suspects.failedAlone(bad)).toBe(false);
  suspects.took([toRoom(3)]);
  expect(suspects.failedAlone(bad)).toBe(true);
});

test('a comet that takes nothing proves nothing', () => {
  const suspects = createSuspects();
  const verdicts = Array.from({ length: 20 }, () => suspects.failedAlone(bad));
  expect(verdicts).not.toContain(true);
});

test('an op of one of its keys proves nothing: it may be that key', () => {
  const suspects = createSuspects();
  const verdicts = Array.from({ length: 20 }, () => {
    suspects.took([toKeys(2, ['k2', 'k9'])]);
    return suspects.failedAlone(bad);
  });
  expect(verdicts).not.toContain(true);
});

test('rooms and broadcasts are told apart as keys are', () => {
  const suspects = createSuspects();
  suspects.failedAlone(toRoom(1, 'a'));
  suspects.failedAlone(toAll(9));
  suspects.took([toRoom(2, 'a'), toAll(3)]);
  suspects.failedAlone(toRoom(1, 'a'));
  suspects.failedAlone(toAll(9));
  suspects.took([toRoom(2, 'a')]);
  expect([suspects.failedAlone(toRoom(1, 'a')), suspects.failedAlone(toAll(9))]).toEqual([false, true]);
});

test('an op that was taken after all begins anew', () => {
  const suspects = createSuspects();
  for (const other of [2, 3]) {
    suspects.failedAlone(bad);
    suspects.took([toRoom(other)]);
  }
  suspects.took([bad]);
  expect(suspects.failedAlone(bad)).toBe(false);
});

test('an op that was refused begins anew, if it is replayed', () => {
  const suspects = createSuspects();
  const verdicts = [2, 3, 4, 5].map((other) => {
    suspects.took([toRoom(other)]);
    return suspects.failedAlone(bad);
  });
  expect(verdicts).toEqual([false, false, true, false]);
});
