import type { DeadLettersTable } from '../../lib/store/dead-letters.ts';
import { mapInFlight } from '../../lib/store/map-in-flight.ts';
import { plain } from '../../local/commands/plain.ts';
import type { Terminal } from '../terminal.ts';
import type { LetterFilter } from './arguments.ts';
import { REMOVES_IN_FLIGHT } from './replay-limits.ts';
import { scanLetters } from './scan.ts';

/** Deletes what is asked for, or only counts it. What dies again meanwhile stays. */
export const purgeLetters = async (
  table: Pick<DeadLettersTable, 'scan' | 'remove'>,
  { filter, confirmed }: { readonly filter: LetterFilter; readonly confirmed: boolean },
  terminal: Terminal,
): Promise<void> => {
  let found = 0;
  let deleted = 0;
  for await (const page of scanLetters(table, filter, terminal)) {
    found += page.length;
    if (!confirmed) continue;
    const removed = await mapInFlight(page, REMOVES_IN_FLIGHT, table.remove);
    deleted += removed.filter(Boolean).length;
    for (const { id } of page.filter((_, index) => !removed[index])) terminal.err(`died again ${plain(id)}`);
  }
  terminal.out(confirmed ? `${deleted} deleted, ${found - deleted} died again` : `${found} would be deleted`);
};
