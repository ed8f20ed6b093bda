import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'esbuild';
import { bundle, entries } from './bundle.ts';
import { type Row, rowOf } from './row.ts';

/** The wire's one way in; with it goes all that nothing else imports. */
const withoutGorpc: Plugin = {
  name: 'without-gorpc',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/lib\/comet\/gorpc\/comet\.ts$/ }, () => ({
      contents: 'export const openGorpcComet = undefined;',
    })),
};

interface Size {
  readonly deployed: number;
  readonly minified: number;
  readonly zipped: number;
}

const sizeOf = async (entry: string, ...plugins: Plugin[]): Promise<Size> => {
  const folder = await mkdtemp(join(tmpdir(), 'goim-job-bundle-'));
  try {
    const deployed = await bundle(entry, folder, { plugins });
    const zipped = gzipSync(await readFile(deployed.file)).length;
    const minified = await bundle(entry, folder, { plugins, minify: true });
    return { deployed: deployed.bytes, minified: minified.bytes, zipped };
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** What goim v1's RPC adds to the bundle of `deliver`. */
export const measureGorpcBundle = async (): Promise<Row[]> => {
  const entry = new Map(entries()).get('deliver') ?? '';
  const [whole, without] = [await sizeOf(entry), await sizeOf(entry, withoutGorpc)];
  const row = (what: keyof Size, title: string): Row =>
    rowOf(`bundle-${what}`, title, 'kB', [(whole[what] - without[what]) / 1_000]);
  return [
    row('deployed', "what it adds to deliver's bundle"),
    row('minified', 'the same, if the bundle were minified'),
    row('zipped', 'the same, in the zip'),
  ];
};
