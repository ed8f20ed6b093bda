import { setTimeout as delay } from 'node:timers/promises';
import { byPartition, type EventOrigin, type KafkaEvent, type KafkaRecord, toKafkaEvent } from './batch.ts';

export interface Attempts {
  /** Calls the function; any answer is a success, a rejection brings the whole batch again. */
  readonly invoke: (event: KafkaEvent) => Promise<unknown>;
  readonly origin: EventOrigin;
  /** Takes a line about each failure: places and codes, never a body. */
  readonly log: (line: string) => void;
  readonly backOff?: BackOff;
}

export interface BackOff {
  readonly firstMs: number;
  readonly lastMs: number;
}

const BACK_OFF: BackOff = { firstMs: 100, lastMs: 5_000 };

/** Doubled each time; the jitter keeps partitions that failed together from coming again together. */
const backOffMs = (attempt: number, { firstMs, lastMs }: BackOff): number =>
  Math.min(lastMs, firstMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);

const placesOf = (records: readonly KafkaRecord[]): string =>
  [...byPartition(records)]
    .map(([partition, own]) => `${own[0]?.topic}-${partition} ${own[0]?.offset}..${own.at(-1)?.offset}`)
    .join(', ');

const problemOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'the function failed';
  const code = error.name === 'Error' ? '' : `${error.name}: `;
  return `${code}${error.message.split('\n', 1)[0]?.slice(0, 300)}`;
};

const nextOffsets = (records: readonly KafkaRecord[]): Map<number, number> =>
  new Map(records.map(({ partition, offset }) => [partition, offset + 1]));

/** Calls the function with the same batch until it succeeds, and answers what to commit; undefined: stopped before that. */
export const createAttempts = (
  { invoke, origin, log, backOff = BACK_OFF }: Attempts,
  stopping: AbortSignal,
) => {
  const again = async (records: readonly KafkaRecord[], attempt: number, error: unknown) => {
    if (stopping.aborted) return;
    const waitMs = Math.round(backOffMs(attempt, backOff));
    log(`batch ${placesOf(records)} failed (attempt ${attempt}, again in ${waitMs} ms): ${problemOf(error)}`);
    await delay(waitMs, undefined, { signal: stopping }).catch(() => {});
  };
  return async (records: readonly KafkaRecord[]): Promise<Map<number, number> | undefined> => {
    for (let attempt = 1; !stopping.aborted; attempt += 1) {
      try {
        await invoke(toKafkaEvent(records, origin));
        return nextOffsets(records);
      } catch (error) {
        await again(records, attempt, error);
      }
    }
    return undefined;
  };
};
