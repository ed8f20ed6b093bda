/** Letters that are read, sent and deleted together; so many records are an event that dispatch is used to. */
export const REPLAY_LETTERS = 100;
/** Their originals, unless one is larger alone; an Invoke takes 6 MB. */
export const REPLAY_BYTES = 1_000_000;
/** Comets, and partitions of malformed records, that are worked on at once. */
export const REPLAYS_IN_FLIGHT = 4;
/** Deletes of one comet or partition; with four of them, the client's sockets suffice. */
export const REMOVES_IN_FLIGHT = 10;
/** How long a replay waits for `redeliver` to deal with what was parked: a cold start, and proof that an op is to be refused. */
export const VERDICT_MS = 30_000;
export const VERDICT_POLL_MS = 200;
export const READS_IN_FLIGHT = 10;
/** `dispatch` has 60 s: who gives up earlier does not know how it ended. */
export const DISPATCH_CLIENT_MS = 65_000;
/** A throttled Invoke has not run: it is tried this often in all, the second time after the first back-off, which doubles. */
export const INVOKE_ATTEMPTS = 6;
export const INVOKE_BACK_OFF_MS = 200;
