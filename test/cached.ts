import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const CACHE = path.resolve('node_modules/.cache/goim-job');

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const underWay = new Map<string, Promise<string>>();

const make = async (folder: string, fill: (folder: string) => Promise<void>): Promise<string> => {
  if (await exists(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  await fill(partial);
  await rename(partial, folder).catch(() => rm(partial, { recursive: true }));
  return folder;
};

/** A folder that `fill` makes the first time. What breaks off does not look whole. */
export const cached = (name: string, fill: (folder: string) => Promise<void>): Promise<string> => {
  const folder = underWay.get(name) ?? make(path.join(CACHE, name), fill);
  underWay.set(name, folder);
  return folder;
};
