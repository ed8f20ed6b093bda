import type { Op } from '../../gateway-check/ops.ts';
import { type Answered, done, type Fault, type FaultyGateway, status } from './faulty-gateway.ts';

const MIB = 1024 * 1024;
/** Of the gateway behind. */
const BEARER = 'Bearer secret';

const TYPES: readonly string[] = ['push', 'room', 'all'];

const whole: Fault = (_, forward) => forward();
const ofOps =
  (fault: Fault): Fault =>
  (asked, forward) =>
    asked.path === '/v1/ops' ? fault(asked, forward) : forward();
const ofRooms =
  (fault: Fault): Fault =>
  (asked, forward) =>
    asked.path === '/v1/rooms' ? fault(asked, forward) : forward();

/** Only when a check asks, and not for a sentinel. */
const during =
  (check: string, fault: Fault): Fault =>
  (asked, forward) =>
    asked.check === check && !asked.isSentinel ? fault(asked, forward) : forward();
const once = (fault: Fault): Fault => {
  let left = 1;
  return (asked, forward) => (left-- > 0 ? fault(asked, forward) : forward());
};
/** Instead of an answer that no check looks at. */
const onceOfSentinels = (answered: Answered): Fault => {
  const answer = once(async () => answered);
  return (asked, forward) => (asked.isSentinel ? answer(asked, forward) : forward());
};

/** Answers 400 where an op is such. */
const refuses = (isSuch: (op: Op) => boolean): Fault =>
  ofOps(async ({ ops }, forward) => (ops.some(isSuch) ? status(400) : await forward()));
/** Takes a request for well where its text is such. */
const takes = (isSuch: (body: string) => boolean): Fault =>
  ofOps(async ({ body }, forward) => (isSuch(body) ? done(0) : await forward()));

const hangs: Fault = () => new Promise<never>(() => {});
const drops: Fault = async ({ ops }) => done(ops.length);
const reverses: Fault = ({ ops }, forward) => forward({ ops: ops.toReversed() });
const toAll: Fault = ({ ops }, forward) =>
  forward({ ops: ops.map((op) => ({ ...op, type: 'all' as const, speed: 0 })) });
const changes =
  (change: (op: Op) => Op): Fault =>
  ({ ops }, forward) =>
    forward({ ops: ops.map(change) });

const asText = (op: Op): Op => ({
  ...op,
  body: Buffer.from(`${Buffer.from(op.body, 'base64')}`).toString('base64'),
});

const withHeaders =
  (headers: Readonly<Record<string, string>>): Fault =>
  async (_, forward) => {
    const answer = await forward();
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };

const withRooms =
  (change: (rooms: string[]) => unknown): Fault =>
  async (_, forward) => {
    const given = await forward();
    if (given.status !== 200) return given;
    return { ...given, body: JSON.stringify({ rooms: change(JSON.parse(`${given.body}`).rooms) }) };
  };

const refusesRepeats = (): Fault => {
  const seen = new Set<string>();
  return refuses(({ id, timestamp }) => seen.size === seen.add(`${id} ${timestamp}`).size);
};

/** Takes two ops of one id for the same. */
const forgetsTimestamps = (): Fault => {
  const seen = new Set<string>();
  return async ({ ops }, forward) => {
    await forward({ ops: ops.filter(({ id }) => seen.size < seen.add(id).size) });
    return done(ops.length);
  };
};

const dropsWhatIsBesideRepeats = (): Fault => {
  const seen = new Set<string>();
  return async (asked, forward) => {
    const isRepeated = asked.ops.some(({ id }) => seen.has(id));
    for (const { id } of asked.ops) seen.add(id);
    return isRepeated ? await drops(asked, forward) : await forward();
  };
};

/** For each ETag that it ever gave. */
const sticksToEtags = (): Fault => {
  const given = new Set<string>();
  return ofRooms(async ({ headers: { 'if-none-match': named = '' } }, forward) => {
    if (given.has(named)) return status(304);
    const answer = await forward();
    given.add(`${answer.headers['etag']}`);
    return answer;
  });
};

const keepsRooms = (): Fault => {
  const seen = new Set<string>();
  return ofRooms(
    withRooms((rooms) => {
      for (const room of rooms) seen.add(room);
      return [...seen];
    }),
  );
};

const breaksAfterAbort = (): FaultyGateway => {
  let hasAborted = false;
  const fault = during('gone-away', () =>
    hasAborted ? Promise.reject(new Error('broken')) : Promise.resolve(done(0)),
  );
  return {
    fault,
    onAbort: () => {
      hasAborted = true;
    },
  };
};

const appliesWhatItRefuses =
  (code: number): Fault =>
  async ({ ops, headers }, forward) => {
    await forward({
      ops: ops.filter(({ type }) => TYPES.includes(type)),
      headers: { ...headers, authorization: BEARER },
    });
    return status(code);
  };

/** A request of many ops is answered, and applied after the next one. */
const answersEarly = (): Fault => {
  let held: (() => Promise<Answered>) | undefined;
  return async ({ ops }, forward) => {
    if (ops.length > 1) {
      held = forward;
      return done(ops.length);
    }
    const answer = await forward();
    await held?.();
    return answer;
  };
};

const isJson = (text: string): boolean => {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
};

const faults: Readonly<Record<string, () => Fault>> = {
  absent: () => during('absent', async () => status(400)),
  'content-type': () => during('content-type', withHeaders({ 'content-type': 'text/plain' })),
  'longest-id': () => refuses(({ id }) => id.length > 255),
  'empty-body': () => during('empty-body', async () => status(400)),
  numbers: () => refuses(({ timestamp }) => timestamp > 2 ** 52),
  names: () => during('names', async () => status(400)),
  unknown: () =>
    ofOps(async ({ body }, forward) => (body.includes('"since"') ? status(400) : await forward())),
  repeat: () => during('repeat', refusesRepeats()),
  'no-json': () => takes((body) => !isJson(body)),
  'no-ops': () => takes((body) => body === '{}'),
  'no-list': () => takes((body) => body === '{"ops":"x"}'),
  'no-object': () => takes((body) => body === '{"ops":[null]}'),
  'unknown-type': () => during('unknown-type', drops),
  'no-keys': () => during('no-keys', drops),
  'no-room': () => during('no-room', drops),
  'thousand-ops': () => during('thousand-ops', async () => status(413)),
  'largest-request': () => during('largest-request', async () => status(413)),
  'too-large': () => during('too-large', async () => status(400)),
  'largest-body': () => during('largest-body', async () => status(400)),
  'most-keys': () => during('most-keys', async () => status(400)),
  'longest-room': () => during('longest-room', async () => status(400)),
  'rooms-form': () =>
    during(
      'rooms-form',
      withRooms(() => ['']),
    ),
  'rooms-type': () => ofRooms(withHeaders({ 'content-type': 'text/plain' })),
  'rooms-unchanged': () =>
    ofRooms(({ headers: { 'if-none-match': _, ...headers } }, forward) => forward({ headers })),
  'rooms-other': () => during('rooms-other', async () => status(304)),
  'rooms-changed': sticksToEtags,
  'rooms-joined': () => during('rooms-joined', ofRooms(withRooms(() => []))),
  'rooms-left': keepsRooms,
  'rooms-whole': () => ofRooms(withRooms((rooms) => rooms.slice(0, 10))),
  'rooms-names': () => ofRooms(withRooms((rooms) => rooms.map(encodeURI))),
  'no-token':
    () =>
    ({ headers }, forward) =>
      forward({ headers: { authorization: BEARER, ...headers } }),
  'wrong-token':
    () =>
    ({ headers: { authorization = '', ...headers } }, forward) =>
      forward({ headers: { ...headers, authorization: authorization.slice(0, BEARER.length) } }),
  'other-scheme':
    () =>
    ({ headers: { authorization = '', ...headers } }, forward) =>
      forward({ headers: { ...headers, authorization: authorization.replace(/^secret$/, BEARER) } }),
  'token-applied': () => during('token-applied', appliesWhatItRefuses(401)),
  kept: () => withHeaders({ connection: 'close' }),
  push: () => ofOps((asked, forward) => (asked.body.includes('/nobody"') ? drops : whole)(asked, forward)),
  'key-twice': () => during('key-twice', drops),
  'push-only': () => during('push-only', toAll),
  room: () => during('room', drops),
  'room-only': () => during('room-only', toAll),
  all: () => during('all', drops),
  operation: () =>
    during(
      'operation',
      changes((op) => ({ ...op, operation: 1000 })),
    ),
  once: () =>
    during('once', async ({ ops }, forward) => {
      await forward();
      return done(Math.ceil(ops.length / 2));
    }),
  bytes: () => during('bytes', changes(asText)),
  'empty-arrives': () => during('empty-arrives', drops),
  'largest-arrives': () =>
    during(
      'largest-arrives',
      changes((op) => ({ ...op, body: op.body.slice(4) })),
    ),
  recreated: () => during('recreated', forgetsTimestamps()),
  'repeat-others': () => during('repeat-others', dropsWhatIsBesideRepeats()),
  'broken-applied': () => during('broken-applied', appliesWhatItRefuses(400)),
  'order-key': () => during('order-key', reverses),
  'order-room': () => during('order-room', reverses),
  'order-all': () => during('order-all', reverses),
  'order-overlap': () => during('order-overlap', reverses),
  finished: () => during('finished', answersEarly()),
  pace: () => during('pace', hangs),
  'pace-order': () => during('pace-order', reverses),
  load: () => during('load', hangs),
  'rooms-deadline': () => during('rooms-deadline', hangs),
  'rooms-load': () => during('rooms-load', ofRooms(hangs)),
  statuses: () => onceOfSentinels(status(500)),
  encoding: () => during('absent', withHeaders({ 'content-encoding': 'zstd' })),
  'answer-size': () =>
    during('absent', async (_, forward) => {
      const answer = await forward();
      return { ...answer, body: `${answer.body}`.padEnd(MIB + 1) };
    }),
  refused: () => onceOfSentinels({ ...done(1), body: '{"done":1,"refused":[{"index":1,"reason":"x"}]}' }),
  'retry-after': () => onceOfSentinels(status(503, { 'retry-after': 'soon' })),
};

/** For each check a gateway with the one fault that it finds. */
export const faultyByCheck: Readonly<Record<string, () => FaultyGateway>> = {
  ...Object.fromEntries(
    Object.entries(faults).map(([id, makeFault]) => [id, () => ({ fault: makeFault() })]),
  ),
  rested: () => ({ fault: whole, idleMs: 1_000 }),
  'gone-away': breaksAfterAbort,
};
