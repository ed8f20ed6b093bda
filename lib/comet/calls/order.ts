import { MAX_COMET_CALLS } from '../../domain/limits.ts';

/** A call, or several that go as one. */
interface Step {
  /** Places of the earlier ones that it must not pass. */
  readonly after: readonly number[];
}

/** More than may be in flight, since some wait for their room's turn; not all, since each one begun costs memory. */
const MAX_BEGUN = 2 * MAX_COMET_CALLS;

/** Which calls may begin: those whose predecessors have all succeeded; what comes after a failed one is passed over. */
const createQueue = (calls: readonly Step[]) => {
  const waitsFor = calls.map(({ after }) => after.length);
  const followers = new Map<number, number[]>();
  const barred = new Set<number>();
  const ready: number[] = [];
  for (const [place, { after }] of calls.entries()) {
    if (after.length === 0) ready.push(place);
    for (const earlier of after) {
      const known = followers.get(earlier);
      if (known === undefined) followers.set(earlier, [place]);
      else known.push(place);
    }
  }
  const finish = (place: number, succeeded: boolean): void => {
    for (const follower of followers.get(place) ?? []) {
      if (!succeeded) barred.add(follower);
      waitsFor[follower] = (waitsFor[follower] ?? 0) - 1;
      if (waitsFor[follower] === 0) ready.push(follower);
    }
  };
  let taken = 0;
  const take = (): number | undefined => {
    for (let place = ready[taken]; place !== undefined; place = ready[taken]) {
      taken += 1;
      if (!barred.has(place)) return place;
      finish(place, false);
    }
    return undefined;
  };
  return { take, finish };
};

/**
 * Sends each call once those that it comes after have succeeded; the others in parallel. `send` says whether a call
 * succeeded, and never rejects; what comes after one that did not is not sent. Resolves when nothing runs any more.
 */
export const sendInOrder = <Call extends Step>(
  calls: readonly Call[],
  send: (call: Call) => Promise<boolean>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const queue = createQueue(calls);
    let begun = 0;
    const begin = (place: number): void => {
      begun += 1;
      send(calls[place] as Call).then((succeeded) => {
        begun -= 1;
        queue.finish(place, succeeded);
        beginMore();
      }, reject);
    };
    const beginMore = (): void => {
      while (begun < MAX_BEGUN) {
        const place = queue.take();
        if (place === undefined) break;
        begin(place);
      }
      if (begun === 0) resolve();
    };
    beginMore();
  });
