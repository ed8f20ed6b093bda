import { describe, expect, test } from 'vitest';
import { giveUpReason } from '../../lib/domain/give-up.ts';
import { GONE_AFTER_S, PARKED_MAX_AGE_S } from '../../lib/domain/limits.ts';
import type { ParkedRun } from '../../lib/domain/parked-run.ts';
import { toRoom } from '../parking/ops.ts';

const op = toRoom(1);
const PARKED_AT = op.timestamp + 2_000;
const run = (more: Partial<ParkedRun> = {}): ParkedRun => ({
  comet: 'a',
  partition: 't-0',
  run: '1#x',
  parkedAt: PARKED_AT,
  replayed: false,
  ops: [op],
  ...more,
});
const STAYS = { messageTtlS: 0, goneSince: undefined };
const afterParking = (seconds: number): number => PARKED_AT + seconds * 1000;

describe('a parked op', () => {
  test('waits while its comet is in the fleet, for PARKED_MAX_AGE_S', () => {
    expect(giveUpReason(op, run(), afterParking(PARKED_MAX_AGE_S), STAYS)).toBeUndefined();
    expect(giveUpReason(op, run(), afterParking(PARKED_MAX_AGE_S) + 1, STAYS)).toBe('parked-too-long');
  });

  test('is gone GONE_AFTER_S after it was parked for a comet that was never seen', () => {
    const rule = { messageTtlS: 0, goneSince: 0 };
    expect(giveUpReason(op, run(), afterParking(GONE_AFTER_S), rule)).toBeUndefined();
    expect(giveUpReason(op, run(), afterParking(GONE_AFTER_S) + 1, rule)).toBe('gone');
  });

  test('is gone GONE_AFTER_S after its comet left, if that was later', () => {
    const rule = { messageTtlS: 0, goneSince: afterParking(30) };
    expect(giveUpReason(op, run(), afterParking(30 + GONE_AFTER_S), rule)).toBeUndefined();
    expect(giveUpReason(op, run(), afterParking(30 + GONE_AFTER_S) + 1, rule)).toBe('gone');
  });

  test('is expired once its message is older than the limit, wherever it waited', () => {
    const rule = { messageTtlS: 10, goneSince: undefined };
    expect(giveUpReason(op, run(), op.timestamp + 10_000, rule)).toBeUndefined();
    expect(giveUpReason(op, run(), op.timestamp + 10_001, rule)).toBe('expired');
  });

  test('never expires if it was replayed by hand', () => {
    const rule = { messageTtlS: 10, goneSince: undefined };
    expect(giveUpReason(op, run({ replayed: true }), op.timestamp + 60_000, rule)).toBeUndefined();
  });
});
