import type { DeadLetter } from '../domain/dead-letter.ts';
import type { Log } from '../log.ts';

export interface BuryDeps {
  /** Rejects unless every letter is stored. */
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  readonly log: Log;
}

/** Stores what is given up, then says so: one line a letter. Whoever gives something up waits for this before it answers or deletes. */
export const createBury =
  ({ deadLetters, log }: BuryDeps) =>
  async (letters: readonly DeadLetter[]): Promise<void> => {
    if (letters.length === 0) return;
    await deadLetters.write(letters);
    for (const { reason, topic, partition, offset, comet } of letters) {
      log.warn('dead letter', { reason, topic, partition, offset, comet });
    }
    log.metric('DeadLetters', letters.length);
  };
