import { partitionName } from '../../lib/domain/push-message.ts';
import type { StoredLetter } from '../../lib/store/dead-letter-item.ts';
import { mapInFlight } from '../../lib/store/map-in-flight.ts';
import type { LetterFilter } from './arguments.ts';
import { REPLAYS_IN_FLIGHT } from './replay-limits.ts';
import { createReplayQueue, type ReplayDeps, type Replayed } from './replay-queue.ts';
import { scanLetters } from './scan.ts';

/** What must stay in order: a comet's ops, a partition's records. */
const queueName = (letter: StoredLetter): string =>
  letter.kind === 'op' ? `op ${letter.comet}` : `record ${partitionName(letter)}`;

/** The log's order. */
const byPlace = (a: StoredLetter, b: StoredLetter): number =>
  a.topic.localeCompare(b.topic) ||
  a.partition - b.partition ||
  a.offset - b.offset ||
  a.id.localeCompare(b.id);

const queuesOf = (letters: readonly StoredLetter[]): StoredLetter[][] =>
  [...Map.groupBy(letters, queueName).values()].map((queue) => queue.toSorted(byPlace));

const summary = (counts: Replayed, dryRun: boolean): string => {
  const { replayed, parked, diedAgain, failed, left } = counts;
  const waiting = parked === 0 ? '' : `, ${parked} parked`;
  const rest = left === 0 ? '' : `, ${left} not tried`;
  return dryRun
    ? `${replayed} would be replayed, ${failed} failed${rest}`
    : `${replayed} replayed, ${diedAgain} died again, ${failed} failed${waiting}${rest}`;
};

/** Sends the letters that are there now again, each queue in order. False if one failed, died again or was not tried. */
export const replayLetters = async (
  deps: ReplayDeps,
  { filter, dryRun }: { readonly filter: LetterFilter; readonly dryRun: boolean },
): Promise<boolean> => {
  const { terminal } = deps;
  const letters: StoredLetter[] = [];
  for await (const page of scanLetters(deps.letters, filter, terminal)) letters.push(...page);
  const replay = createReplayQueue(deps, { dryRun, total: letters.length });
  const counts = await mapInFlight(queuesOf(letters), REPLAYS_IN_FLIGHT, replay);
  const sum = (name: keyof Replayed): number => counts.reduce((total, count) => total + count[name], 0);
  const all = {
    replayed: sum('replayed'),
    parked: sum('parked'),
    diedAgain: sum('diedAgain'),
    failed: sum('failed'),
    left: sum('left'),
  };
  terminal.out(summary(all, dryRun));
  return all.failed === 0 && all.diedAgain === 0 && all.left === 0 && !terminal.signal.aborted;
};
