/** Partitions that wait for a worker. One that is added while it is worked on comes again, never beside itself. */
export interface Waiting {
  readonly size: number;
  add(partitions: readonly string[]): void;
  take(): string | undefined;
  /** After `take`; one that is not done goes to the end. */
  putBack(partition: string, isDone: boolean): void;
  all(): readonly string[];
}

export const createWaiting = (): Waiting => {
  const waiting = new Set<string>();
  const inWork = new Set<string>();
  return {
    get size() {
      return waiting.size;
    },
    add: (partitions) => {
      for (const partition of partitions) waiting.add(partition);
    },
    take: () => {
      const partition = [...waiting].find((one) => !inWork.has(one));
      if (partition === undefined) return undefined;
      waiting.delete(partition);
      inWork.add(partition);
      return partition;
    },
    putBack: (partition, isDone) => {
      inWork.delete(partition);
      if (!isDone) waiting.add(partition);
    },
    all: () => [...waiting],
  };
};
