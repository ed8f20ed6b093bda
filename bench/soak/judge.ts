import { spreadOf } from '../statistics.ts';
import type { Sample } from './sample.ts';

/** Medians of the second and of the last third; the first one is the warm-up. */
export interface Verdict {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly grows: boolean;
}

const MAX_GROWTH = 1.1;
/** A few more sockets are those of a moment with more calls. */
const FEW = 4;

const median = (samples: readonly Sample[], figureOf: (sample: Sample) => number): number =>
  spreadOf(samples.map(figureOf)).median;

/** Whether anything grows. */
export const judge = (samples: readonly Sample[]): Verdict[] => {
  const third = Math.floor(samples.length / 3);
  const second = samples.slice(third, samples.length - third);
  const last = samples.slice(samples.length - third);
  const compare = (name: string, few: number, figureOf: (sample: Sample) => number): Verdict => {
    const [before, after] = [median(second, figureOf), median(last, figureOf)];
    return { name, before, after, grows: after > Math.max(before * MAX_GROWTH, before + few) };
  };
  const types = new Set(samples.flatMap(({ resources }) => Object.keys(resources)));
  return [
    compare('heap, MB', 0, ({ heapMb }) => heapMb),
    ...[...types].sort().map((type) => compare(type, FEW, ({ resources }) => resources[type] ?? 0)),
  ];
};
