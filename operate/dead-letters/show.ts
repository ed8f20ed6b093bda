import type { DeadLettersTable, WholeLetter } from '../../lib/store/dead-letters.ts';
import type { Terminal } from '../terminal.ts';

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** As JSON; text if it is none. */
const originalOf = ({ original }: WholeLetter): unknown => {
  try {
    return JSON.parse(original);
  } catch {
    return original;
  }
};

/** The whole letter as JSON, its original too. False if it is not there or cannot be read, which is said. */
export const showLetter = async (
  table: Pick<DeadLettersTable, 'read'>,
  id: string,
  { out, err }: Terminal,
): Promise<boolean> => {
  const letter = (await table.read([id])).get(id);
  if (letter === undefined || 'problem' in letter) {
    err(letter === undefined ? 'there is no such letter' : `it cannot be read: ${letter.problem}`);
    return false;
  }
  const { parts: _how, timestamp, diedAt, expiresAt, ...fields } = letter;
  const times = {
    timestamp: isoOf(timestamp),
    diedAt: isoOf(diedAt),
    expiresAt: isoOf(expiresAt * 1000),
  };
  out(JSON.stringify({ ...fields, ...times, original: originalOf(letter) }, undefined, 2));
  return true;
};
