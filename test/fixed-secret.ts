import type { Secret } from '../lib/secret.ts';

/** One that never changes. */
export const fixed = <T>(value: T): Secret<T> => ({
  value: async () => value,
  valueAfter: async () => value,
});
