import { describe, expect, test } from 'vitest';
import { isCurrent, isRecent } from '../../lib/domain/fleet.ts';
import { ROOMS_FRESH_MS } from '../../lib/domain/limits.ts';

const NOW = 1_700_000_000_000;
const OLD = NOW - ROOMS_FRESH_MS - 1;

describe('a time', () => {
  test.each([
    [0, true],
    [-ROOMS_FRESH_MS, true],
    [ROOMS_FRESH_MS, true],
    [-ROOMS_FRESH_MS - 1, false],
    [ROOMS_FRESH_MS + 1, false],
  ])('%d ms from now is recent: %s', (fromNow, recent) => {
    expect(isRecent(NOW + fromNow, NOW)).toBe(recent);
  });
});

describe('a fleet', () => {
  test.each([
    ['both answered lately', NOW, NOW, true],
    ['the registry has not', NOW, OLD, false],
    ['the merge has not', OLD, NOW, false],
    ['neither has', OLD, OLD, false],
  ])('of which %s is current only then', (_name, mergedAt, fleetAt, current) => {
    expect(isCurrent({ version: 1, mergedAt, fleetAt, fresh: new Set(), silent: new Set() }, NOW)).toBe(
      current,
    );
  });
});
