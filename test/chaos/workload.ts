import type { Target } from '../../lib/domain/push-message.ts';
import { encodeV1, encodeV2, type PushRecord } from '../../local/commands/push-record.ts';
import type { Topic } from '../../local/topic/topic.ts';
import type { Random } from '../random.ts';
import { FAILING, MAX_BODY_BYTES } from './comets.ts';
import type { Nature } from './expected.ts';
import type { Ledger } from './ledger.ts';
import { COMET_IDS, GHOST_ID, OPERATION, ROAM_ROOMS, ROOMS, type Seat } from './seating.ts';

export interface WorkloadOptions {
  readonly topic: Topic;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly seats: readonly Seat[];
  readonly records: number;
  readonly seconds: number;
  /** Natures that are mixed in. */
  readonly natures: readonly Nature[];
}

/** Produces records at an even rate, with known numbers. */
export interface Workload {
  /** Resolves when all are produced, or `stop` was called. */
  readonly done: Promise<void>;
  produced(): number;
  stop(): void;
}

const TICK_MS = 20;
/** Of all records, for each nature beside plain. */
const NATURE_SHARE: Readonly<Record<Nature, number>> = {
  plain: 0,
  replay: 0,
  poison: 0.0006,
  'too-large': 0.0008,
  failing: 0.0002,
  ghost: 0.0004,
};
const ROOM_SHARE = 0.26;
const ROAM_SHARE = 0.03;
const ALL_SHARE = 0.006;
const MULTI_KEY_SHARE = 0.08;
const V1_SHARE = 0.4;
/** Those that take a minute to be given up, or stop a queue, come early, so that the end is not a wait for them. */
const EARLY = 0.4;

const bodyOf = (n: number, nature: Nature, random: Random): Buffer => {
  const text = `${n} ${nature === 'failing' ? FAILING : ''}`;
  const bytes = nature === 'too-large' ? MAX_BODY_BYTES + random.int(1, 500) : random.int(40, 120);
  return Buffer.from(text.padEnd(bytes, '.'));
};

const POISON = ['{"op":"nonsense"}', '{"op":"multiple","server":"x"}', '{', '\u0008\u0063\u0010\u0001', ''];

export const startWorkload = (options: WorkloadOptions): Workload => {
  const { topic, ledger, random, seats, records, seconds } = options;
  const keysByComet = Map.groupBy(
    seats.filter(({ roams }) => !roams),
    ({ comet }) => comet,
  );

  const natureOf = (share: number): Nature => {
    const isLate = (nature: Nature) => (nature === 'ghost' || nature === 'failing') && share > EARLY;
    let at = random.next();
    for (const nature of options.natures) {
      at -= NATURE_SHARE[nature];
      if (at < 0) return isLate(nature) ? 'plain' : nature;
    }
    return 'plain';
  };

  const pushTarget = (nature: Nature): Target => {
    const comet = random.pick(COMET_IDS);
    const keys = random.shuffle((keysByComet.get(comet) ?? []).map(({ key }) => key));
    const count = random.chance(MULTI_KEY_SHARE) ? random.int(2, 4) : 1;
    return { type: 'push', comet: nature === 'ghost' ? GHOST_ID : comet, keys: keys.slice(0, count) };
  };
  const targetOf = (nature: Nature): Target => {
    const at = random.next();
    if (nature === 'ghost' || nature === 'failing') return pushTarget(nature);
    if (at < ALL_SHARE && nature === 'plain') return { type: 'all', speed: 0 };
    if (at < ALL_SHARE + ROAM_SHARE) return { type: 'room', room: random.pick(ROAM_ROOMS) };
    if (at < ALL_SHARE + ROAM_SHARE + ROOM_SHARE) return { type: 'room', room: random.pick(ROOMS) };
    return pushTarget(nature);
  };

  const encode = (target: Target, body: Buffer): PushRecord => {
    const push = { target, operation: OPERATION, body } as Parameters<typeof encodeV2>[0];
    return random.chance(V1_SHARE) ? (encodeV1(push) as PushRecord) : encodeV2(push);
  };

  const produce = (share: number): void => {
    const n = ledger.next();
    const nature = natureOf(share);
    const target = targetOf(nature);
    const record =
      nature === 'poison'
        ? { key: Buffer.from(String(n)), value: Buffer.from(random.pick(POISON)) }
        : encode(target, bodyOf(n, nature, random));
    const positions = topic.append([record]);
    if (positions === 'full') throw new Error('the topic is full');
    const [position] = positions;
    if (position === undefined) return;
    ledger.add({ n, nature, target, ...position, producedAt: performance.now(), committedAt: undefined });
  };

  const { promise, resolve } = Promise.withResolvers<void>();
  const startedAt = performance.now();
  let produced = 0;
  const timer = setInterval(() => {
    const due = Math.min(records, Math.ceil(((performance.now() - startedAt) / (seconds * 1000)) * records));
    for (; produced < due; produced++) produce(produced / records);
    if (produced >= records) stop();
  }, TICK_MS);
  const stop = (): void => {
    clearInterval(timer);
    resolve();
  };
  return { done: promise, produced: () => produced, stop };
};
