import { readFile } from 'node:fs/promises';
import { type ReadSecret, secretFailed } from '../secret.ts';

/** A file, on the local set; to change it whole, move another one over it. */
export const openSecretFile =
  (path: string): ReadSecret =>
  async (signal) => {
    try {
      return await readFile(path, { encoding: 'utf8', signal });
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      throw secretFailed(`could not be read: ${code}`, { secret: path, name: code });
    }
  };
