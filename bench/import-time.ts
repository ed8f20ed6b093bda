import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { bundle, entries } from './bundle.ts';
import type { Options } from './options.ts';
import { type Row, rowOf } from './row.ts';
import { spreadOf } from './statistics.ts';

const run = promisify(execFile);

interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What a fresh process has used once it has loaded the file; its clock starts with it. */
const SCRIPT = `
require(process.argv[1]);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ wallMs: performance.now(), cpuMs: (user + system) / 1000 }));
process.exit();`;

const startWith = async (file: string): Promise<Start> => {
  const { stdout } = await run(process.execPath, ['-e', SCRIPT, file]);
  return JSON.parse(stdout) as Start;
};

const loadRows = (name: string, starts: readonly Start[], empty: readonly Start[]): Row[] => {
  const over = (pick: (start: Start) => number): number[] => {
    const { median } = spreadOf(empty.map(pick));
    return starts.map((start) => pick(start) - median);
  };
  const wall = over(({ wallMs }) => wallMs);
  const cpu = over(({ cpuMs }) => cpuMs);
  return [
    rowOf(`import-${name}`, `import of ${name}'s bundle`, 'ms', wall),
    rowOf(`import-cpu-${name}`, `import of ${name}'s bundle, CPU`, 'ms', cpu),
  ];
};

/** Size and import time of each deployed bundle; an empty file's time is taken off. */
export const measureImports = async (folder: string, { imports }: Options): Promise<Row[]> => {
  const empty = `${folder}/empty.cjs`;
  await writeFile(empty, '');
  const bundles = await Promise.all(
    entries().map(async ([name, entry]) => ({ name, ...(await bundle(entry, folder)) })),
  );
  const startsByFile = new Map(
    [empty, ...bundles.map(({ file }) => file)].map((file) => [file, [] as Start[]]),
  );
  for (let round = 0; round < imports; round++) {
    for (const [file, starts] of startsByFile) starts.push(await startWith(file));
  }
  const startsOf = (file: string): readonly Start[] => startsByFile.get(file) ?? [];
  return bundles.flatMap(({ name, file, bytes }) => [
    rowOf(`bytes-${name}`, `size of ${name}'s bundle`, 'kB', [bytes / 1000]),
    ...loadRows(name, startsOf(file), startsOf(empty)),
  ]);
};
