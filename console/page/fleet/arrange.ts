import type { CometAnswer } from '../../answers.ts';

export const ORDERS = { trouble: 'Trouble first', id: 'Id', rooms: 'Most rooms' } as const;
export type Order = keyof typeof ORDERS;

const trouble = ({ leftAt, behind, isFresh, state }: CometAnswer): number => {
  if (behind.length > 0) return 0;
  if (state !== undefined && state !== 'running') return 1;
  if (leftAt !== undefined) return 3;
  return isFresh ? 4 : 2;
};

const COMPARE: Record<Order, (a: CometAnswer, b: CometAnswer) => number> = {
  trouble: (a, b) => trouble(a) - trouble(b),
  id: () => 0,
  rooms: (a, b) => (b.rooms ?? 0) - (a.rooms ?? 0),
};

const isFound = ({ id, addresses, zone }: CometAnswer, words: readonly string[]): boolean => {
  const text = [id, zone ?? '', ...addresses].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
};

/** Those that have all words of the search in their id, zone or addresses; given by id, which decides between equals. */
export const arrange = (comets: readonly CometAnswer[], search: string, order: Order): CometAnswer[] => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return comets.filter((comet) => isFound(comet, words)).toSorted(COMPARE[order]);
};
