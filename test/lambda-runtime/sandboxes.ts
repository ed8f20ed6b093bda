import type { PackagedFunction } from './package-functions.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

interface Place {
  readonly key: string;
  readonly sandbox: Promise<Sandbox>;
  isBusy: boolean;
  /** Of a configuration that was replaced: it ends what it does, and gets no more. */
  isRetired: boolean;
}

/** As Lambda has them: an invocation that finds no idle sandbox of its function gets a new one. */
export const createSandboxes = (
  functions: Readonly<Record<string, PackagedFunction>>,
  environment: Readonly<Record<string, string>>,
) => {
  const places: Place[] = [];
  const variablesByKey = new Map<string, Readonly<Record<string, string>>>();

  const placeFor = (key: string): Place => {
    const idle = places.find((place) => place.key === key && !place.isBusy && !place.isRetired);
    if (idle !== undefined) return idle;
    const found = functions[key];
    if (found === undefined) throw new Error(`no function ${key}`);
    const sandbox = startSandbox(found, { ...environment, ...variablesByKey.get(key) });
    const place = { key, sandbox, isBusy: false, isRetired: false };
    places.push(place);
    return place;
  };

  return {
    /** Rejects as the function fails. */
    invoke: async (key: string, event: unknown): Promise<unknown> => {
      const place = placeFor(key);
      place.isBusy = true;
      try {
        return await (await place.sandbox).invoke(event);
      } finally {
        place.isBusy = false;
      }
    },
    /** As a deploy does: from now on the function's sandboxes have these variables too. */
    update: (key: string, variables: Readonly<Record<string, string>>): void => {
      variablesByKey.set(key, { ...variablesByKey.get(key), ...variables });
      for (const place of places) place.isRetired ||= place.key === key;
    },
    /** What a function has printed, in all of its sandboxes. */
    output: async (key: string): Promise<string> => {
      const own = places.filter((place) => place.key === key);
      return (await Promise.all(own.map(({ sandbox }) => sandbox))).map(({ output }) => output()).join('');
    },
    close: async (): Promise<void> => {
      await Promise.all(places.map(async ({ sandbox }) => (await sandbox).close()));
    },
  };
};
