import { beforeEach, describe, expect, it } from 'vitest';
import type { CometPath } from '../../../console/answers.ts';
import { encodeOutcomes } from '../../../lib/domain/delivery-payload.ts';
import { DELIVERED, type Outcome, undelivered } from '../../../lib/domain/outcome.ts';
import { findParked } from '../../../local/console/find-parked.ts';
import type { Invocation } from '../../../local/console/invocations.ts';
import { createPathWatcher } from '../../../local/console/path-watcher.ts';
import { createPaths, type Path, type Paths } from '../../../local/console/paths.ts';

const ID = 't/0/7';
const BODY = Buffer.from('hello').toString('base64');
const op = { id: ID, type: 'room', room: 'r', operation: 1000, body: BODY, timestamp: 1 } as const;

let now: number;
let paths: Paths;
let watcher: ReturnType<typeof createPathWatcher>;

beforeEach(() => {
  now = 1_000;
  paths = createPaths(() => now);
  watcher = createPathWatcher(paths, () => now);
  paths.add({ id: ID, target: 'room r', body: BODY, producedAt: now });
});

const run = (functionKey: string, event: unknown, result?: unknown): void => {
  const invocation: Invocation = { functionKey, event, startedAt: now };
  watcher.began(invocation);
  now += 10;
  watcher.ended(invocation, result);
};
const deliver = (comet: string, ...outcomes: Outcome[]): void => {
  const event = { v: 1, comet: { id: comet, addresses: ['http://a'] }, timeoutMs: 100, ops: [op] };
  run('deliver', event, outcomes.length === 0 ? undefined : encodeOutcomes(outcomes));
};
const dispatch = (): void =>
  run('dispatch', { records: { 't-0': [{ topic: 't', partition: 0, offset: 7 }] } });
const pathTo = (comet: string): CometPath | undefined =>
  paths.answers()[0]?.comets.find((path) => path.comet === comet);

describe('the path of a message', () => {
  it('goes by dispatch and deliver to a comet and its client', () => {
    dispatch();
    deliver('comet-1', DELIVERED);
    paths.took('comet-1', op);
    paths.heard({ comet: 'comet-1', key: 'k' }, Buffer.from('hello'), 1_030);
    expect(paths.answers()).toEqual([
      {
        id: ID,
        target: 'room r',
        producedAt: 1_000,
        dispatch: { startedAt: 1_000, endedAt: 1_010 },
        comets: [
          {
            comet: 'comet-1',
            deliver: { startedAt: 1_010, endedAt: 1_020 },
            tookAt: 1_020,
            clients: [{ key: 'k', at: 1_030 }],
          },
        ],
      },
    ]);
  });

  it('says why deliver did not deliver it', () => {
    deliver('comet-1', undelivered('COMET_UNREACHABLE'));
    deliver('comet-2', { status: 'dropped', reason: 'refused' });
    deliver('comet-3');
    expect(['comet-1', 'comet-2', 'comet-3'].map((comet) => pathTo(comet)?.problem)).toEqual([
      'COMET_UNREACHABLE',
      'dropped: refused',
      'deliver failed',
    ]);
  });

  it('leads to a stock comet, which is told no id, by its body', () => {
    deliver('comet-2', DELIVERED);
    paths.add({ id: 't/0/8', target: 'room r', body: BODY, producedAt: now });
    paths.took('comet-2', { ...op, id: '' });
    expect(paths.get(ID)?.byComet.get('comet-2')?.tookAt).toBe(1_010);
    expect(paths.get('t/0/8')?.byComet.has('comet-2')).toBe(false);
  });

  it('is not one that nobody pushed here', () => {
    paths.took('comet-1', { ...op, id: 't/0/9' });
    paths.took('comet-2', { id: '', body: 'b3RoZXI=' });
    paths.heard({ comet: 'comet-1', key: 'k' }, Buffer.from('hello'), 1);
    run('dispatch', { records: { 't-0': [{ topic: 't', partition: 0, offset: 9 }] } });
    run('deliver', 'nonsense');
    expect(paths.answers()).toEqual([{ id: ID, target: 'room r', producedAt: 1_000, comets: [] }]);
  });

  it('leads over the table, and redeliver, where a comet is behind', async () => {
    const mark = { partition: 't-0', comet: 'comet-1', parkedThrough: 7, token: '' };
    const parked = {
      read: async () => ({
        runs: [{ comet: 'comet-1', partition: 't-0', run: '', parkedAt: 1_005, replayed: false, ops: [op] }],
        complete: true,
      }),
    };
    const path = paths.get(ID) as Path;
    await findParked(
      path,
      [
        { ...mark, partition: 't-1' },
        { ...mark, parkedThrough: 6 },
      ],
      parked,
    );
    expect(pathTo('comet-1')).toBeUndefined();
    await findParked(path, [mark], parked);
    run('redeliver', { v: 1, comet: 'comet-1', partitions: [] });
    run('redeliver', { v: 1, comet: 'comet-1', partitions: [] });
    paths.took('comet-1', op);
    expect(pathTo('comet-1')).toEqual({
      comet: 'comet-1',
      parkedAt: 1_005,
      redeliverAt: 1_000,
      tookAt: 1_020,
      clients: [],
    });
  });

  it('is kept of the last 20', () => {
    for (let offset = 0; offset < 30; offset++)
      paths.add({ id: `t/1/${offset}`, target: '', body: '', producedAt: 0 });
    expect(paths.all()).toHaveLength(20);
    expect(paths.answers()[0]?.id).toBe('t/1/29');
  });
});
