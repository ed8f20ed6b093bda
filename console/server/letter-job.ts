import { ServiceError } from '../../lib/errors.ts';
import { purgeLetters } from '../../operate/dead-letters/purge.ts';
import { replayLetters } from '../../operate/dead-letters/replay.ts';
import type { ReplayDeps } from '../../operate/dead-letters/replay-queue.ts';
import type { Terminal } from '../../operate/terminal.ts';
import type { JobAnswer, JobRequest } from '../answers.ts';

/** A replay or a purge, under way or ended. */
export interface LetterJob {
  answer(): JobAnswer;
  /** Ends after what is under way. */
  stop(): void;
}

/** Lines that are kept of each kind: one has a line a letter. */
const MAX_LINES = 200;

/** Of the progress that a terminal is told; the page counts by itself. */
const isProgress = (line: string): boolean => line.startsWith('…');

const perform = async (deps: ReplayDeps, { kind, ids, dryRun }: JobRequest): Promise<boolean> => {
  const filter = { ids: new Set(ids) };
  switch (kind) {
    case 'replay':
      return replayLetters(deps, { filter, dryRun });
    case 'purge':
      await purgeLetters(deps.letters, { filter, confirmed: !dryRun }, deps.terminal);
      return !deps.terminal.signal.aborted;
  }
};

/** The commands' own work, with their lines kept instead of printed. */
export const startLetterJob = (
  connect: (terminal: Terminal) => ReplayDeps,
  request: JobRequest,
  now: () => number,
): LetterJob => {
  const interruption = new AbortController();
  const lines: string[] = [];
  const problems: string[] = [];
  let done = 0;
  let state: JobAnswer['state'] = 'running';
  let summary: string | undefined;
  const terminal: Terminal = {
    out: (line) => {
      done += 1;
      lines.push(line);
      if (lines.length > MAX_LINES) lines.shift();
    },
    err: (line) => {
      if (!isProgress(line) && problems.length < MAX_LINES) problems.push(line);
    },
    now,
    signal: interruption.signal,
  };
  perform(connect(terminal), request).then(
    (isWhole) => {
      // Their last line.
      summary = lines.pop();
      state = isWhole ? 'done' : 'failed';
    },
    (error: unknown) => {
      terminal.err(
        error instanceof ServiceError ? `${error.code}: ${error.message}` : 'it failed unexpectedly',
      );
      state = 'failed';
    },
  );
  return {
    answer: () => ({
      kind: request.kind,
      dryRun: request.dryRun,
      state,
      total: request.ids.length,
      done: Math.min(done, request.ids.length),
      lines,
      problems,
      summary,
    }),
    stop: () => interruption.abort(),
  };
};
