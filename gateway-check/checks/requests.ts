import { isJsonType, whetherDone } from '../answers.ts';
import { type Check, firstFinding } from '../check.ts';
import { wordsOf } from '../http.ts';
import { namesOf, type Op } from '../ops.ts';

const NAMES = ['房间', 'a/b?c=d&e#f', '"\\\u0000', '__proto__', 'constructor', '🙂'];
const INT32_MAX = 2 ** 31 - 1;
const MAX_ID_CHARS = 300;

/** What may be in a request. */
export const requestChecks: readonly Check[] = [
  {
    id: 'absent',
    says: 'an op of each type is dealt with, though its connections are not there',
    run: async ({ name, ops, deliver }) => {
      const sent = [ops.push([`${name}/nobody`, `${name}/none`]), ops.room(`${name}/nowhere`), ops.all()];
      return whetherDone(await deliver(sent), sent.length, namesOf(sent));
    },
  },
  {
    id: 'content-type',
    says: 'an answer to ops is application/json',
    run: async ({ name, ops, deliver }) => {
      const { came } = await deliver([ops.room(name)]);
      if (typeof came !== 'string' && isJsonType(came)) return undefined;
      const type = typeof came === 'string' ? came : `Content-Type: ${came.headers['content-type']}`;
      return { sent: 'POST /v1/ops: 1 op', came: type, wanted: 'Content-Type: application/json' };
    },
  },
  {
    id: 'longest-id',
    says: `an id may have ${MAX_ID_CHARS} characters`,
    run: async ({ name, ops, deliver }) => {
      const op = ops.room(name);
      const id = op.id.padEnd(MAX_ID_CHARS, '0');
      return whetherDone(await deliver([{ ...op, id }]), 1, `an op with an id of ${id.length} characters`);
    },
  },
  {
    id: 'empty-body',
    says: 'a body may be empty',
    run: async ({ name, ops, deliver }) =>
      whetherDone(await deliver([{ ...ops.room(name), body: '' }]), 1, 'an op with an empty body'),
  },
  {
    id: 'numbers',
    says: 'numbers may be as large and as small as their fields',
    run: async ({ name, ops, deliver }) => {
      const sent: Op[] = [
        { ...ops.room(name), operation: INT32_MAX, timestamp: Number.MAX_SAFE_INTEGER },
        { ...ops.room(name), operation: -INT32_MAX - 1, timestamp: 0 },
        ops.all(undefined, INT32_MAX),
      ];
      const what = 'ops with operation ±2^31, timestamp 0 and 2^53 - 1, speed 2^31 - 1';
      return whetherDone(await deliver(sent), sent.length, what);
    },
  },
  {
    id: 'names',
    says: 'keys and rooms may have any characters',
    run: async ({ ops, deliver }) => {
      const sent = [ops.push([...NAMES]), ...NAMES.map((room) => ops.room(room))];
      return whetherDone(await deliver(sent), sent.length, `ops to ${JSON.stringify(NAMES)}`);
    },
  },
  {
    id: 'unknown',
    says: 'what the API does not know in a request is ignored',
    run: async ({ name, ops, deliver }) => {
      const write = (left: readonly Op[]) =>
        JSON.stringify({ ops: left.map((op) => ({ ...op, trace: 'x' })), since: 1 });
      const what = 'an op with a member "trace", beside a member "since"';
      return whetherDone(await deliver([ops.room(name)], write), 1, what);
    },
  },
  {
    id: 'repeat',
    says: 'an op that comes again is dealt with again',
    run: async ({ name, ops, deliver }) => {
      const op = ops.room(name);
      const again = async () => whetherDone(await deliver([op]), 1, 'the same op, twice');
      return await firstFinding([again, again]);
    },
  },
];

const base = { id: 'gateway-check/broken', operation: 1000, body: '', timestamp: 0 };

const broken: readonly (readonly [id: string, what: string, body: unknown])[] = [
  ['no-json', 'is no JSON', '{"ops":['],
  ['no-ops', 'has no ops', {}],
  ['no-list', 'has something else than a list for ops', { ops: 'x' }],
  ['no-object', 'has an op that is no object', { ops: [null] }],
  ['unknown-type', 'has an op of an unknown type', { ops: [{ ...base, type: 'shout' }] }],
  ['no-keys', 'has a push without keys', { ops: [{ ...base, type: 'push' }] }],
  ['no-room', 'has a room message without a room', { ops: [{ ...base, type: 'room' }] }],
];

/** Requests that goim-job does not send. */
export const brokenChecks: readonly Check[] = broken.map(([id, what, body]) => ({
  id,
  says: `a request that ${what} is answered 400`,
  run: async ({ post }) => {
    const came = await post(body);
    return typeof came !== 'string' && came.status === 400
      ? undefined
      : {
          sent: `POST /v1/ops: ${typeof body === 'string' ? body : JSON.stringify(body)}`,
          came: wordsOf(came),
          wanted: '400',
        };
  },
}));
