import { availableParallelism, loadavg } from 'node:os';
import { runCommand } from '../../local/commands/run-command.ts';
import { back } from './back.ts';
import { catchUp, live } from './catch-up.ts';
import type { Figure } from './figure.ts';
import { isolation } from './isolation.ts';
import { type Options, readOptions, type Scenario, USAGE } from './options.ts';
import { openRig, type Rig } from './rig.ts';
import { tableOf } from './table.ts';

/** A comet goes down and comes back: what the others and it itself see of that; see ../README.md. */

const RUN: Readonly<Record<Scenario, (rig: Rig, options: Options) => Promise<Figure[]>>> = {
  isolation,
  back,
  'catch-up': catchUp,
  live,
};
/** Ten, and ten beside them; see isolation.ts. */
const COMETS = 20;

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
await runCommand(USAGE, async (args) => {
  const options = readOptions(args);
  console.error('starts the tables, the comets and redeliver');
  const rig = await openRig(COMETS);
  const figures: Figure[] = [];
  try {
    for (const scenario of options.scenarios) {
      console.error(`${scenario} …`);
      figures.push(...(await RUN[scenario](rig, options)));
    }
  } finally {
    await rig.close();
  }
  const load = loadavg()[0]?.toFixed(1);
  console.log(tableOf(figures));
  console.log(`${availableParallelism()} CPUs, load ${load}, ${(performance.now() / 1000).toFixed(0)} s`);
});
