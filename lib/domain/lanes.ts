import type { Op } from './op.ts';

/** What an op shares with others that it must keep its order to: each of its keys, its room, or all broadcasts. */
export const lanesOf = (op: Op): string[] => {
  switch (op.type) {
    case 'push':
      return op.keys.map((key) => `key ${key}`);
    case 'room':
      return [`room ${op.room}`];
    case 'all':
      return ['all'];
  }
};

/** Those of these ops, given in their order, that share no lane with `passed` nor with any op before them. */
export const apartFrom = (passed: Op, ops: readonly Op[]): Op[] => {
  const taken = new Set(lanesOf(passed));
  return ops.filter((op) => {
    const lanes = lanesOf(op);
    const isApart = lanes.every((lane) => !taken.has(lane));
    for (const lane of lanes) taken.add(lane);
    return isApart;
  });
};
