import { setTimeout as pause } from 'node:timers/promises';
import type { Op } from '../../gateway-check/ops.ts';
import { type Answered, done, type Fault, status } from './faulty-gateway.ts';

/** Longer than a call's deadline. */
const LATE_MS = 3_200;
/** Longer than that of a list of rooms. */
const LATE_ROOMS_MS = 900;
const MIB = 1024 * 1024;
/** Of the gateway behind. */
const BEARER = 'Bearer secret';

const isType = (type: string): boolean => ['push', 'room', 'all'].includes(type);
const asText = (op: Op): Op => {
  const text = `${Buffer.from(op.body, 'base64')}`;
  return { ...op, body: Buffer.from(text).toString('base64') };
};

const whole: Fault = (_, forward) => forward();
const ofOps =
  (fault: Fault): Fault =>
  (asked, forward) =>
    asked.path === '/v1/ops' ? fault(asked, forward) : forward();
const ofRooms =
  (fault: Fault): Fault =>
  (asked, forward) =>
    asked.path === '/v1/rooms' ? fault(asked, forward) : forward();

/** Answers so where an op is such. */
const answers = (code: number, isSuch: (op: Op) => boolean): Fault =>
  ofOps(({ ops }, forward) => (ops.some(isSuch) ? Promise.resolve(status(code)) : forward()));

const during =
  (check: string, fault: Fault): Fault =>
  (asked, forward) =>
    asked.check === check ? fault(asked, forward) : forward();
const late: Fault = async (_, forward) => {
  await pause(LATE_MS);
  return await forward();
};
const dropped: Fault = async ({ ops }) => done(ops.length);
const reversed: Fault = ({ ops }, forward) => forward({ ops: ops.toReversed() });
const toAll: Fault = ({ ops }, forward) =>
  forward({ ops: ops.map((op) => ({ ...op, type: 'all' as const, speed: 0 })) });

const once = (fault: Fault): Fault => {
  let left = 1;
  return (asked, forward) => (left-- > 0 ? fault(asked, forward) : forward());
};

const typed = async (answer: Promise<Answered>): Promise<Answered> => ({
  ...(await answer),
  headers: { ...(await answer).headers, 'content-type': 'text/plain' },
});

const withRooms = async (
  answer: Promise<Answered>,
  change: (rooms: string[]) => unknown,
): Promise<Answered> => {
  const given = await answer;
  if (given.status !== 200) return given;
  return { ...given, body: JSON.stringify({ rooms: change(JSON.parse(given.body).rooms) }) };
};

const refusesRepeats = (): Fault => {
  const seen = new Set<string>();
  return ofOps(async ({ ops }, forward) => {
    const names = ops.map(({ id, timestamp }) => `${id} ${timestamp}`);
    if (names.some((name) => seen.has(name))) return status(409);
    for (const name of names) seen.add(name);
    return await forward();
  });
};

const forgetsTimestamps = (): Fault => {
  const seen = new Set<string>();
  const isNew = ({ id }: Op): boolean => seen.size < seen.add(id).size;
  return ofOps(async ({ ops }, forward) => {
    const fresh = ops.filter(isNew);
    if (fresh.length === ops.length) return await forward();
    await forward({ ops: fresh });
    return done(ops.length);
  });
};

/** From the third request on, which is that check's first, for as often as it tries. */
const lateRooms = (): Fault => {
  let asked = 0;
  return ofRooms(async (_, forward) => {
    asked += 1;
    if (asked >= 3 && asked <= 7) await pause(LATE_ROOMS_MS);
    return await forward();
  });
};

const sticksToEtag: Fault = ofRooms(async ({ headers }, forward) =>
  headers['if-none-match'] === undefined ? await forward() : status(304),
);

const keepsRooms = (): Fault => {
  const seen = new Set<string>();
  return (asked, forward) => {
    const [name] = /gateway-check\/rooms-left\/[0-9a-f-]+/.exec(asked.body) ?? [];
    if (name !== undefined) seen.add(`${name}/gone`);
    return ofRooms((_, inner) => withRooms(inner(), (rooms) => [...rooms, ...seen]))(asked, forward);
  };
};

const breaksAfterAbort = (): Fault => {
  let isBroken = false;
  return async ({ check }, forward) => {
    const wasBroken = isBroken;
    isBroken = check === 'gone-away';
    return wasBroken ? status(500) : await forward();
  };
};

const answersEarly = (): Fault => {
  let held: (() => Promise<Answered>) | undefined;
  return during('finished', async ({ ops }, forward) => {
    if (ops.length > 1) {
      held = forward;
      return done(ops.length);
    }
    const answer = await forward();
    await held?.();
    return answer;
  });
};

const isForm = (body: string): boolean => {
  try {
    return JSON.parse(body) !== undefined;
  } catch {
    return false;
  }
};

/** For each check a gateway with the one fault that it finds. */
export const faultByCheck: Readonly<Record<string, () => Fault>> = {
  absent: () => during('absent', async () => status(404)),
  'content-type': () => ofOps((_, forward) => typed(forward())),
  'empty-body': () => answers(400, ({ body }) => body === ''),
  numbers: () => answers(400, ({ timestamp }) => timestamp > 2 ** 52),
  names: () => answers(500, (op) => op.type === 'push' && op.keys.includes('__proto__')),
  unknown: () =>
    ofOps(async ({ body }, forward) => (body.includes('"since"') ? status(400) : await forward())),
  repeat: refusesRepeats,
  'no-json': () => ofOps(async ({ body }, forward) => (isForm(body) ? await forward() : done(0))),
  'no-ops': () => ofOps(async ({ body }, forward) => (body === '{}' ? done(0) : await forward())),
  'unknown-type': () =>
    ofOps(async ({ ops }, forward) => (ops.some(({ type }) => !isType(type)) ? done(1) : await forward())),
  'thousand-ops': () => during('thousand-ops', async () => status(413)),
  'largest-request': () =>
    ofOps(async ({ body }, forward) => (body.length > 3 * MIB ? status(413) : await forward())),
  'largest-body': () => answers(400, ({ body }) => body.length > 1.2 * MIB),
  'most-keys': () => answers(500, (op) => op.type === 'push' && op.keys.length > 10_000),
  'longest-room': () => answers(400, (op) => op.type === 'room' && op.room.length > 1024),
  load: () => during('load', late),
  'rooms-form': () => {
    const withoutList = once((_, forward) => withRooms(forward(), () => ['']));
    return ofRooms(withoutList);
  },
  'rooms-type': () => ofRooms((_, forward) => typed(forward())),
  'rooms-deadline': lateRooms,
  'rooms-unchanged': () =>
    ofRooms(({ headers: { 'if-none-match': _, ...headers } }, forward) => forward({ headers })),
  'rooms-changed': () => sticksToEtag,
  'rooms-joined': () =>
    ofRooms((_, forward) => withRooms(forward(), (rooms) => rooms.filter((room) => !room.endsWith('/here')))),
  'rooms-left': keepsRooms,
  'no-token':
    () =>
    ({ headers }, forward) =>
      forward({ headers: { authorization: BEARER, ...headers } }),
  'wrong-token':
    () =>
    ({ headers: { authorization: given, ...headers } }, forward) =>
      forward({ headers: given === undefined ? headers : { ...headers, authorization: BEARER } }),
  kept: () => async (_, forward) => {
    const answer = await forward();
    return { ...answer, headers: { ...answer.headers, connection: 'close' } };
  },
  rested: () => whole,
  'gone-away': breaksAfterAbort,
  push: () =>
    ofOps((asked, forward) => (asked.body.includes('/nobody"') ? dropped(asked, forward) : forward())),
  'push-only': () => during('push-only', toAll),
  room: () => during('room', dropped),
  'room-only': () => during('room-only', toAll),
  all: () => during('all', dropped),
  operation: () =>
    ofOps(({ ops }, forward) =>
      ops.some(({ operation }) => operation === 1001)
        ? forward({ ops: ops.map((op) => ({ ...op, operation: 1000 })) })
        : forward(),
    ),
  bytes: () => during('bytes', ({ ops }, forward) => forward({ ops: ops.map(asText) })),
  recreated: forgetsTimestamps,
  'broken-applied': () =>
    during('broken-applied', async ({ ops }, forward) => {
      await forward({ ops: ops.filter(({ type }) => isType(type)) });
      return status(400);
    }),
  'order-key': () => during('order-key', reversed),
  'order-room': () => during('order-room', reversed),
  finished: answersEarly,
  pace: () => during('pace', late),
  'pace-order': () => during('pace-order', reversed),
  'retry-after': () => once(ofOps(async () => status(503, { 'retry-after': 'soon' }))),
};
