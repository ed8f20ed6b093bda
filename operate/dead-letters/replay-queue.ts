import { partitionName } from '../../lib/domain/push-message.ts';
import type { BrokenLetter, StoredLetter } from '../../lib/store/dead-letter-item.ts';
import type { DeadLettersTable, WholeLetter } from '../../lib/store/dead-letters.ts';
import { mapInFlight } from '../../lib/store/map-in-flight.ts';
import { plain } from '../../local/commands/plain.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import { chunkLetters } from './chunks.ts';
import { contentOf, type LetterContent } from './content.ts';
import { REMOVES_IN_FLIGHT } from './replay-limits.ts';
import { isProblem, orProblem, type ResendDeps, resend } from './resend.ts';
import { createVerdict, type Verdict, type VerdictDeps } from './verdict.ts';

export interface ReplayDeps extends ResendDeps, VerdictDeps {
  readonly letters: DeadLettersTable;
  readonly terminal: Terminal;
}

/** Letters; `left`: not tried, after a failure or an interruption. */
export interface Replayed {
  replayed: number;
  /** Sent, and not taken yet: their comet is behind, or not there. */
  parked: number;
  diedAgain: number;
  failed: number;
  left: number;
}

interface Ready {
  readonly letter: WholeLetter;
  readonly content: LetterContent;
}

/** What can go; undefined: it cannot, which is said and counted. */
const readyOf = (
  { id }: StoredLetter,
  letter: WholeLetter | BrokenLetter | undefined,
  { err }: Terminal,
  count: Replayed,
): Ready | undefined => {
  if (letter === undefined) {
    err(`skipped ${plain(id)}: it is not there any more`);
    return undefined;
  }
  const content = isProblem(letter) ? letter : contentOf(letter);
  if (!isProblem(letter) && !isProblem(content)) return { letter, content };
  err(`cannot read ${plain(id)}: ${isProblem(content) ? content.problem : ''}`);
  count.failed += 1;
  return undefined;
};

/** Deletes what was sent, unless it has died again since; `isParked`: nobody has taken it yet. */
const remove = async (
  { letters, terminal }: ReplayDeps,
  letter: WholeLetter,
  isParked: boolean,
  count: Replayed,
): Promise<void> => {
  const removed = await orProblem(letters.remove(letter));
  const id = plain(letter.id);
  if (removed === true && isParked) {
    count.parked += 1;
    terminal.out(`parked ${id}: its comet has not taken it yet`);
  } else if (removed === true) {
    count.replayed += 1;
    terminal.out(`replayed ${id}`);
  } else if (removed === false) {
    count.diedAgain += 1;
    terminal.err(`died again ${id}`);
  } else {
    count.failed += 1;
    terminal.err(`failed ${id}: it was sent, but could not be deleted: ${removed.problem}`);
  }
};

/** Works on one chunk; false: nothing that comes after it may go before it. */
type ChunkReplay = (chunk: readonly StoredLetter[], count: Replayed) => Promise<boolean>;

const createChunkReplay = (deps: ReplayDeps, verdict: Verdict, dryRun: boolean): ChunkReplay => {
  const { letters, terminal } = deps;

  const stop = (chunk: readonly StoredLetter[], problem: string, count: Replayed): false => {
    for (const { id } of chunk) terminal.err(`failed ${plain(id)}: ${problem}`);
    count.failed += chunk.length;
    return false;
  };

  const sendAll = async (ready: readonly Ready[], count: Replayed): Promise<boolean> => {
    const whole = ready.map(({ letter }) => letter);
    const contents = ready.map(({ content }) => content);
    const problem = await resend(deps, contents);
    if (problem !== undefined) return stop(whole, problem, count);
    const behind = await verdict(contents);
    const isParked = (letter: WholeLetter): boolean =>
      letter.kind === 'op' && behind.has(partitionName(letter));
    await mapInFlight(whole, REMOVES_IN_FLIGHT, (letter) => remove(deps, letter, isParked(letter), count));
    return true;
  };

  return async (chunk, count) => {
    const found = await orProblem(letters.read(chunk.map(({ id }) => id)));
    if (isProblem(found)) return stop(chunk, found.problem, count);
    const ready = chunk.flatMap((letter) => readyOf(letter, found.get(letter.id), terminal, count) ?? []);
    if (!dryRun) return sendAll(ready, count);
    for (const { letter } of ready) terminal.out(`would replay ${plain(letter.id)}`);
    count.replayed += ready.length;
    return true;
  };
};

/** Replays one comet's ops, or one partition's records, in the order given: a chunk is sent, then deleted, then comes the next. */
export const createReplayQueue = (
  deps: ReplayDeps,
  { dryRun, total }: { readonly dryRun: boolean; readonly total: number },
) => {
  const progress = createProgress(deps.terminal);
  let done = 0;

  return async (queue: readonly StoredLetter[]): Promise<Replayed> => {
    const replayChunk = createChunkReplay(deps, createVerdict(deps), dryRun);
    const count: Replayed = { replayed: 0, parked: 0, diedAgain: 0, failed: 0, left: 0 };
    let goesOn = true;
    for (const chunk of chunkLetters(queue)) {
      goesOn &&= !deps.terminal.signal.aborted;
      if (!goesOn) count.left += chunk.length;
      else goesOn = await replayChunk(chunk, count);
      done += chunk.length;
      progress(() => `${done} of ${total} letters`);
    }
    return count;
  };
};
