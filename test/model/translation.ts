import type { Comet } from '../../lib/domain/fleet.ts';
import type { Mark as RealMark } from '../../lib/domain/mark.ts';
import type { Op } from '../../lib/domain/op.ts';
import { offsetOf, type ParkedRun } from '../../lib/domain/parked-run.ts';
import type { PushMessage } from '../../lib/domain/push-message.ts';
import type { Mark, Run } from './calls.ts';

export const COMET: Comet = { id: 'comet-1', addresses: ['http://127.0.0.1:1'] };

/** Of `t-1`. */
export const partitionOf = (name: string): number => Number(name.slice(2));

export const partitionOfOps = (ops: readonly Op[]): number => Number(ops[0]?.id.split('/')[1]);

export const markOf = ({ partition, through, token }: Mark): RealMark => ({
  partition: `t-${partition}`,
  comet: COMET.id,
  parkedThrough: through,
  token,
});

export const toMark = ({ partition, parkedThrough, token }: RealMark): Mark => ({
  partition: partitionOf(partition),
  through: parkedThrough,
  token,
});

export const toRun = ({ partition, run, replayed, ops }: ParkedRun): Run => ({
  key: run,
  partition: partitionOf(partition),
  offsets: ops.map(offsetOf),
  replayed,
});

/** The model's data as the code's: each op is a push to its lane. */
export const createTranslation = (lanes: readonly string[]) => {
  const messageOf = (partition: number, offset: number): PushMessage => ({
    topic: 't',
    partition,
    offset,
    timestamp: 0,
    target: { type: 'push', comet: COMET.id, keys: [lanes[partition]?.[offset] ?? ''] },
    operation: 1,
    body: '',
  });

  const opOf = (partition: number, offset: number): Op => ({
    id: `t/${partition}/${offset}`,
    type: 'push',
    keys: [lanes[partition]?.[offset] ?? ''],
    operation: 1,
    body: '',
    timestamp: 0,
  });

  // New ops each time, as the table's reader makes them.
  const runOf = ({ key, partition, offsets, replayed }: Run): ParkedRun => ({
    comet: COMET.id,
    partition: `t-${partition}`,
    run: key,
    parkedAt: 0,
    replayed,
    ops: offsets.map((offset) => opOf(partition, offset)),
  });

  return { messageOf, opOf, runOf };
};
