import type { StoredLetter } from '../../lib/store/dead-letter-item.ts';
import type { DeadLettersTable } from '../../lib/store/dead-letters.ts';
import { plain } from '../../local/commands/plain.ts';
import type { Terminal } from '../terminal.ts';
import type { LetterFilter } from './arguments.ts';
import { letterLine } from './lines.ts';
import { scanLetters } from './scan.ts';

const totalLines = (countByReason: ReadonlyMap<string, number>): string[] => {
  const sorted = [...countByReason].sort(([a], [b]) => a.localeCompare(b));
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  return [...sorted, ['in all', total]].map(([reason, count]) => `${count}\t${plain(String(reason))}`);
};

/** At most `limit` letters, and more only if there are. */
const take = async (
  pages: AsyncIterable<StoredLetter[]>,
  limit: number,
  use: (letter: StoredLetter) => void,
): Promise<'all' | 'limited'> => {
  let left = limit;
  for await (const page of pages) {
    for (const letter of page) {
      if (left === 0) return 'limited';
      left -= 1;
      use(letter);
    }
  }
  return 'all';
};

/** A line a letter, in no order, then the totals of what was listed. */
export const listLetters = async (
  table: Pick<DeadLettersTable, 'scan'>,
  { filter, limit }: { readonly filter: LetterFilter; readonly limit: number },
  terminal: Terminal,
): Promise<void> => {
  const countByReason = new Map<string, number>();
  const taken = await take(scanLetters(table, filter, terminal), limit, (letter) => {
    terminal.out(letterLine(letter, terminal.now()));
    countByReason.set(letter.reason, (countByReason.get(letter.reason) ?? 0) + 1);
  });
  terminal.out('');
  for (const line of totalLines(countByReason)) terminal.out(line);
  if (taken === 'limited') terminal.err('there are more than --limit');
};
