import { whetherDone } from '../answers.ts';
import { type Check, firstFinding } from '../check.ts';
import { wordsOf } from '../http.ts';
import { namesOf, type Op } from '../ops.ts';

const NAMES = ['房间', 'a/b?c=d&e#f', '"\\\u0000', '__proto__', 'constructor', '🙂'];
const INT32_MAX = 2 ** 31 - 1;

const broken: readonly (readonly [id: string, what: string, body: unknown])[] = [
  ['no-json', 'is no JSON', '{"ops":['],
  ['no-ops', 'has no ops', {}],
  [
    'unknown-type',
    'has an op of an unknown type',
    { ops: [{ id: 'x', type: 'shout', operation: 1, body: '', timestamp: 0 }] },
  ],
];

/** What may be in a request. */
export const requestChecks: readonly Check[] = [
  {
    id: 'absent',
    says: 'an op of each type is dealt with, though its connections are not there',
    run: async ({ name, ops, postOps }) => {
      const sent = [
        ops.push([`${name}/nobody`]),
        ops.room(`${name}/nowhere`),
        ops.push([`${name}/a`, `${name}/b`]),
      ];
      return whetherDone(await postOps(sent), sent.length, namesOf(sent));
    },
  },
  {
    id: 'content-type',
    says: 'an answer to ops is application/json',
    run: async ({ name, ops, postOps }) => {
      const came = await postOps([ops.room(name)]);
      const type = typeof came === 'string' ? wordsOf(came) : `${came.headers['content-type']}`;
      return /^application\/json\b/i.test(type)
        ? undefined
        : { sent: 'POST /v1/ops: 1 op', came: `Content-Type: ${type}`, wanted: 'application/json' };
    },
  },
  {
    id: 'empty-body',
    says: 'a body may be empty',
    run: async ({ name, ops, postOps }) =>
      whetherDone(await postOps([{ ...ops.room(name), body: '' }]), 1, 'an op with an empty body'),
  },
  {
    id: 'numbers',
    says: 'numbers may be as large and as small as their fields',
    run: async ({ name, ops, postOps }) => {
      const sent: Op[] = [
        { ...ops.room(name), operation: INT32_MAX, timestamp: Number.MAX_SAFE_INTEGER },
        { ...ops.room(name), operation: -INT32_MAX - 1, timestamp: 0 },
      ];
      return whetherDone(await postOps(sent), 2, 'ops with operation ±2^31 and timestamp 0 and 2^53 - 1');
    },
  },
  {
    id: 'names',
    says: 'keys and rooms may have any characters',
    run: async ({ ops, postOps }) => {
      const sent = [ops.push([...NAMES]), ...NAMES.map((room) => ops.room(room))];
      return whetherDone(await postOps(sent), sent.length, `ops to ${JSON.stringify(NAMES)}`);
    },
  },
  {
    id: 'unknown',
    says: 'what the API does not know in a request is ignored',
    run: async ({ name, ops, post }) => {
      const body = { ops: [{ ...ops.room(name), trace: 'x' }], since: 1 };
      return whetherDone(await post(body), 1, 'an op with a member "trace", beside a member "since"');
    },
  },
  {
    id: 'repeat',
    says: 'an op that comes again is dealt with again',
    run: async ({ name, ops, postOps }) => {
      const op = ops.room(name);
      const again = async () => whetherDone(await postOps([op]), 1, 'the same op, twice');
      return await firstFinding([again, again]);
    },
  },
  ...broken.map(
    ([id, what, body]): Check => ({
      id,
      says: `a request that ${what} is answered 400`,
      run: async ({ post }) => {
        const came = await post(body);
        return typeof came !== 'string' && came.status === 400
          ? undefined
          : { sent: `POST /v1/ops: ${JSON.stringify(body)}`, came: wordsOf(came), wanted: '400' };
      },
    }),
  ),
];
