/** How often each kind of fault struck; `hits` are the requests it met. */
export interface FaultCounts {
  /** A fault that was planned, once it has met something. */
  struck(kind: string): void;
  hit(kind: string): void;
  rows(): { kind: string; struck: number; hits: number }[];
}

export const createFaultCounts = (): FaultCounts => {
  const rowByKind = new Map<string, { struck: number; hits: number }>();
  const rowOf = (kind: string) => {
    const row = rowByKind.get(kind) ?? { struck: 0, hits: 0 };
    rowByKind.set(kind, row);
    return row;
  };
  return {
    struck: (kind) => {
      rowOf(kind).struck += 1;
    },
    hit: (kind) => {
      rowOf(kind).hits += 1;
    },
    rows: () =>
      [...rowByKind].map(([kind, row]) => ({ kind, ...row })).sort((a, b) => a.kind.localeCompare(b.kind)),
  };
};
