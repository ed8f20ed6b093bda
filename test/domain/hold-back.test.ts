import { describe, expect, test } from 'vitest';
import { encodeOp } from '../../lib/domain/batch.ts';
import { holdBack, isInFleet } from '../../lib/domain/hold-back.ts';
import type { Mark } from '../../lib/domain/mark.ts';

const live = { id: 'comet-1', addresses: ['http://a'] };
const unknown = { id: 'comet-1', addresses: [] };
const opOf = (partition: number) =>
  encodeOp({
    id: `t/${partition}/7`,
    type: 'room',
    room: 'r',
    operation: 1,
    body: 'eA==',
    timestamp: 5,
  });
const markOf = (partition: string, comet: string) => ({ partition, comet }) as Mark;

test('a comet without addresses is not in the fleet', () => {
  expect([isInFleet(live), isInFleet(unknown)]).toEqual([true, false]);
});

describe('an op is held back', () => {
  test.each([
    ['not when nobody is behind', live, [], false],
    ['when its comet is behind on its partition', live, [markOf('t-0', 'comet-1')], true],
    ['when its comet is behind on several', live, [markOf('t-1', 'comet-1'), markOf('t-0', 'comet-1')], true],
    ['not when its comet is behind on another partition', live, [markOf('t-1', 'comet-1')], false],
    ['not when another comet is behind', live, [markOf('t-0', 'comet-2')], false],
    ['when its comet is not in the fleet', unknown, [], true],
  ])('%s', (_name, comet, marks, held) => {
    expect(holdBack(marks)(comet, opOf(0))).toBe(held);
  });
});
