import { beforeEach, describe, expect, test } from 'vitest';
import { createHealth, type Health } from '../lib/health.ts';

let now: number;
let health: Health<string>;
beforeEach(() => {
  now = 1_000_000;
  health = createHealth(['a', 'b', 'c'], () => now);
});

const order = (): string[] => health.inOrder().map(({ value }) => value);
const note = (value: string, failed: boolean): void => {
  const candidate = health.inOrder().find((one) => one.value === value);
  if (candidate !== undefined) health.note(candidate, failed);
};
/** How long it is not the first one any more, ms. */
const backOffMs = (value: string): number => {
  const candidate = health.inOrder().find((one) => one.value === value);
  return (candidate?.backOffUntil ?? 0) - now;
};

describe('the order in which candidates are tried', () => {
  test('is the one given while all are well', () => {
    expect(order()).toEqual(['a', 'b', 'c']);
  });

  test('has those that back off last, the one that ends it soonest before the others', () => {
    note('b', true);
    note('b', true);
    note('a', true);
    expect(order()).toEqual(['c', 'a', 'b']);
    note('c', true);
    note('c', true);
    note('c', true);
    expect(order()).toEqual(['a', 'b', 'c']);
    note('a', true);
    note('a', true);
    note('a', true);
    expect(order()).toEqual(['b', 'c', 'a']);
  });

  test('is the one given again the moment that the back-off ends', () => {
    note('a', true);
    now += 999;
    expect(order()).toEqual(['b', 'c', 'a']);
    now += 1;
    expect(order()).toEqual(['a', 'b', 'c']);
  });
});

describe('a back-off', () => {
  test('doubles with each failure, up to 30 s', () => {
    const waits = Array.from({ length: 8 }, () => {
      note('a', true);
      return backOffMs('a');
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('is over with a success, and the next one begins small again', () => {
    for (let failures = 0; failures < 4; failures++) note('a', true);
    note('a', false);
    expect(order()).toEqual(['a', 'b', 'c']);
    note('a', true);
    expect(backOffMs('a')).toBe(1_000);
  });
});
