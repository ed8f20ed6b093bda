/** After a longer rest the peer may be gone without a word, as a thawed sandbox finds it. */
const PROVEN_FOR_MS = 1_000;

/** A connection, as far as its end goes. */
interface Closable {
  destroy(): unknown;
  ref(): unknown;
  unref(): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** Whether the peer lives; only its answers say so. One that says nothing for `proofMs` after a rest is taken for dead. */
export const createProof = (connection: Closable, proofMs: number) => {
  let heardAt = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const disarm = (): void => clearTimeout(timer);
  connection.on('close', disarm);
  return {
    /** When the peer last said something, `Date.now()`. */
    heardAt: () => heardAt,
    heard: (): void => {
      heardAt = Date.now();
      disarm();
    },
    demand: (): void => {
      disarm();
      if (Date.now() - heardAt > PROVEN_FOR_MS) timer = setTimeout(() => connection.destroy(), proofMs);
    },
    disarm,
  };
};

/** Closes a connection that rested too long; by the wall clock, which goes on in a frozen sandbox. */
export const createRest = (connection: Closable, idleMs: number) => {
  let restedAt = Date.now();
  let resting = true;
  const close = (): void => {
    if (resting) connection.destroy();
  };
  const timer = setTimeout(close, idleMs).unref();
  connection.on('close', () => clearTimeout(timer));
  return {
    isOver: () => Date.now() - restedAt >= idleMs,
    begin: (): void => {
      resting = true;
      restedAt = Date.now();
      timer.refresh();
      connection.unref();
    },
    end: (): void => {
      resting = false;
      connection.ref();
    },
  };
};
