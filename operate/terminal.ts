/** Where a command writes: results to `out`, everything else to `err`, a line each. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  now(): number;
  /** Aborted: end after what is under way. */
  readonly signal: AbortSignal;
}

const PROGRESS_MS = 2_000;

/** Says how far a run is, at most every two seconds, and nothing on a short one. */
export const createProgress = ({ err, now }: Pick<Terminal, 'err' | 'now'>) => {
  let saidAt = now();
  return (line: () => string): void => {
    if (now() - saidAt < PROGRESS_MS) return;
    saidAt = now();
    err(`… ${line()}`);
  };
};
