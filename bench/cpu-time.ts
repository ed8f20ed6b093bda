import { type Child, startChild } from './child.ts';
import { hasGo } from './go-client.ts';
import type { Options } from './options.ts';
import { awsEnvironment, type Peers } from './peers.ts';
import { type Row, rowOf } from './row.ts';

interface CaseHead {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
}

interface Timed extends CaseHead {
  readonly worker: Child<CaseHead[]>;
  readonly values: number[];
}

const GROUPS = ['dispatch', 'deliver', 'grpc', 'naive', 'invoke', 'dynamodb'];
const GO = 'go';

const startGroup = (group: string, peers: Peers): Promise<Child<CaseHead[]>> =>
  startChild(
    group === GO ? new URL('./go-client.ts', import.meta.url) : new URL('./worker.ts', import.meta.url),
    {
      args: [group, JSON.stringify(peers)],
      // Rows take turns: code that waits long for its own must not be thrown away meanwhile.
      execArgv: [...process.execArgv, '--no-flush-bytecode'],
      env: awsEnvironment(peers),
    },
  );

/** A row pays for some of the garbage of the one before it, so none is always behind the same. */
const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

/** CPU time of every row. Rows take turns, so that noise hits all of them alike. */
export const measureCpuTime = async (
  peers: Peers,
  options: Options,
  say: (line: string) => void,
): Promise<Row[]> => {
  const workers = await Promise.all(
    [...GROUPS, ...(hasGo() ? [GO] : [])].map((group) => startGroup(group, peers)),
  );
  const timed = workers.flatMap((worker) =>
    worker.ready.map((head): Timed => ({ ...head, worker, values: [] })),
  );
  const sample = ({ worker, id }: Timed, ms: number): Promise<number> => worker.ask({ id, ms });
  try {
    say(`CPU time of ${timed.length} rows: warm-up`);
    for (const row of timed) await sample(row, options.warmUpMs);
    for (let round = 0; round < options.rounds; round++) {
      say(`CPU time: round ${round + 1} of ${options.rounds}`);
      for (const row of shuffled(timed)) {
        row.values.push(await sample(row, options.sampleMs));
      }
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
  return timed.map(({ id, title, unit, values }) => rowOf(id, title, `µs/${unit}`, values));
};
