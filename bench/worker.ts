import type { Case, MakeCases } from './case.ts';
import type { Peers } from './peers.ts';

/** The groups of rows; each runs in a process of its own, as the functions do, so that none shapes another's machine code. */
const GROUPS: Readonly<Record<string, () => Promise<{ makeCases: MakeCases }>>> = {
  dispatch: () => import('./cases/dispatch.ts'),
  deliver: () => import('./cases/deliver.ts'),
  grpc: () => import('./cases/grpc.ts'),
  naive: () => import('./cases/naive.ts'),
  invoke: () => import('./cases/invoke.ts'),
  dynamodb: () => import('./cases/dynamodb.ts'),
};

/** Runs a case for `ms` and answers the CPU time of one of its units, µs, all threads of this process. */
const sample = async ({ run, units }: Case, ms: number): Promise<number> => {
  // The row before leaves no young garbage. A full collection would drop the hidden classes of what is dead between two samples,
  // and with them the machine code that knows them, which no sandbox at work goes through.
  globalThis.gc?.({ type: 'minor' });
  const end = performance.now() + ms;
  const before = process.cpuUsage();
  let runs = 0;
  do {
    await run();
    runs += 1;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs / units;
};

const [group = '', peersJson = '{}'] = process.argv.slice(2);
const { makeCases } = (await GROUPS[group]?.()) ?? { makeCases: (): Case[] => [] };
const cases = await makeCases(JSON.parse(peersJson) as Peers);

process.on('disconnect', () => process.exit());
process.on('message', async ({ id, ms }: { id: string; ms: number }) => {
  const wanted = cases.find((one) => one.id === id);
  // Rejects if there is none, which ends this process and with it the benchmark.
  process.send?.(await sample(wanted as Case, ms));
});
process.send?.(cases.map(({ id, title, unit, units }) => ({ id, title, unit, units })));
