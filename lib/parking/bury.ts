import type { DeadLetter } from '../domain/dead-letter.ts';
import type { Log } from '../log.ts';

export interface BuryDeps {
  /** Rejects unless every letter is stored. */
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  readonly log: Log;
}

export type Bury = (letters: readonly DeadLetter[]) => Promise<void>;

/** Stores what is given up, then says so: one line a reason and comet, with the first one's place. Whoever gives something up waits for this before it answers or deletes. */
export const createBury =
  ({ deadLetters, log }: BuryDeps): Bury =>
  async (letters) => {
    if (letters.length === 0) return;
    await deadLetters.write(letters);
    const alike = Map.groupBy(letters, ({ reason, comet = '' }) => `${reason} ${comet}`);
    for (const [first, ...others] of alike.values()) {
      if (first === undefined) continue;
      const { reason, comet, topic, partition, offset } = first;
      log.warn('dead letters', { reason, comet, count: others.length + 1, topic, partition, offset });
    }
    log.metric('DeadLetters', letters.length);
  };
