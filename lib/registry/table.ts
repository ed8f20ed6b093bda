import { type RegistryAnswer, readEntries } from '../domain/comet-entry.ts';
import type { Comet } from '../domain/fleet.ts';
import { REGISTRY_READ_MS } from '../domain/limits.ts';

export interface TableRegistryDeps {
  /** Every comet there is. Rejects with a `ServiceError`. */
  readonly readAll: () => Promise<readonly Comet[]>;
  readonly now: () => number;
}

/** The fleet as a table names it, which is read now and then: a change needs no deploy. */
export const createTableRegistry = ({
  readAll,
  now,
}: TableRegistryDeps): {
  readonly query: { readonly registry: 'table' };
  comets(): Promise<RegistryAnswer>;
} => {
  let answer: RegistryAnswer | undefined;
  let readAt = 0;
  return {
    query: { registry: 'table' },
    comets: async () => {
      if (answer !== undefined && now() - readAt < REGISTRY_READ_MS) return answer;
      const startedAt = now();
      answer = readEntries(await readAll());
      readAt = startedAt;
      return answer;
    },
  };
};
