import { setTimeout as sleep } from 'node:timers/promises';
import type { Mark } from '../../lib/domain/mark.ts';
import { coordinatesOf, partitionName } from '../../lib/domain/push-message.ts';
import { mapInFlight } from '../../lib/store/map-in-flight.ts';
import type { Terminal } from '../terminal.ts';
import type { LetterContent } from './content.ts';
import { READS_IN_FLIGHT, VERDICT_POLL_MS } from './replay-limits.ts';
import { orProblem } from './resend.ts';

export interface VerdictDeps {
  /** Consistent. Rejects with the store's errors. */
  readonly behind: { readMark(partition: string, comet: string): Promise<Mark | undefined> };
  /** How long `redeliver` may take for what was parked. */
  readonly patienceMs: number;
  readonly terminal: Pick<Terminal, 'signal'>;
}

/** Of one comet's ops that were parked: the partitions (`<topic>-<n>`) on which it has not been brought up to date. */
export type Verdict = (contents: readonly LetterContent[]) => Promise<ReadonlySet<string>>;

const cometOf = (contents: readonly LetterContent[]): string | undefined =>
  contents.find((content) => content.kind === 'op')?.comet;

const partitionsOf = (contents: readonly LetterContent[]): string[] => [
  ...new Set(
    contents.flatMap((content) =>
      content.kind === 'op' ? [partitionName(coordinatesOf(content.op.id))] : [],
    ),
  ),
];

/** Waits for `redeliver`; a comet that was waited for in vain is not waited for again. */
export const createVerdict = ({ behind, patienceMs, terminal }: VerdictDeps): Verdict => {
  let isBehind = false;
  return async (contents) => {
    const comet = cometOf(contents) ?? '';
    const isMarked = async (partition: string): Promise<string[]> =>
      (await orProblem(behind.readMark(partition, comet))) === undefined ? [] : [partition];
    const endsAt = Date.now() + patienceMs;
    let left = partitionsOf(contents);
    for (;;) {
      left = (await mapInFlight(left, READS_IN_FLIGHT, isMarked)).flat();
      isBehind ||= left.length > 0 && (Date.now() >= endsAt || terminal.signal.aborted);
      if (isBehind || left.length === 0) return new Set(left);
      await sleep(VERDICT_POLL_MS, undefined, { signal: terminal.signal }).catch(() => {});
    }
  };
};
