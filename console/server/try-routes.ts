import type { Context } from 'hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import { MAX_BODY_BYTES, MAX_ID_BYTES } from '../../lib/domain/limits.ts';
import { COMET_FAULTS } from '../../local/topic/server.ts';
import type { TryAnswer } from '../answers.ts';
import type { LocalSide } from './local-side.ts';

const MAX_KEYS = 100;
/** The largest body, each character of it escaped. */
const MAX_REQUEST_BYTES = 8 * MAX_BODY_BYTES;

const int32 = v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1));
const name = v.pipe(v.string(), v.maxBytes(MAX_ID_BYTES));
const given = v.pipe(name, v.minLength(1, 'it is empty'));

const listenSchema = v.strictObject({
  comet: given,
  key: name,
  room: name,
  accepts: v.pipe(v.array(int32), v.maxLength(MAX_KEYS)),
});
const leaveSchema = v.strictObject({ id: given });
const faultSchema = v.strictObject({ comet: given, fault: v.picklist(COMET_FAULTS) });
const pushSchema = v.strictObject({
  target: v.variant('type', [
    v.strictObject({ type: v.literal('room'), room: given }),
    v.strictObject({
      type: v.literal('push'),
      comet: given,
      keys: v.pipe(v.tupleWithRest([given], given), v.maxLength(MAX_KEYS)),
    }),
    v.strictObject({ type: v.literal('all'), speed: v.literal(0) }),
  ]),
  operation: int32,
  body: v.pipe(v.string(), v.maxBytes(MAX_BODY_BYTES)),
  format: v.picklist(['v1', 'v2']),
});

/** Names the place and what was expected, without the value. */
const problemOf = (issue: v.BaseIssue<unknown>): string => {
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? 'the request';
  return `${path} is not ${issue.expected ?? 'of its form'}`;
};

/** Reads a request of that form and does what it says; a sentence is what could not be done. */
const doing =
  <T>(
    schema: v.GenericSchema<unknown, T>,
    work: (asked: T) => Promise<string | undefined> | undefined,
  ): ((context: Context) => Promise<Response>) =>
  async (context) => {
    const asked = v.safeParse(schema, await context.req.json().catch(() => undefined));
    if (!asked.success) return context.json({ problem: problemOf(asked.issues[0]) }, 400);
    const problem = await work(asked.output);
    return problem === undefined ? context.json({}) : context.json({ problem }, 422);
  };

export const tryRoutes = (local: LocalSide, now: () => number): Hono =>
  new Hono()
    .use(bodyLimit({ maxSize: MAX_REQUEST_BYTES }))
    .get('/', async (context) =>
      context.json({
        now: now(),
        canPush: local.canPush,
        comets: local.comets(),
        listeners: local.listeners(),
        paths: await local.paths(),
      } satisfies TryAnswer),
    )
    .post('/listen', doing(listenSchema, local.listen))
    .post(
      '/leave',
      doing(leaveSchema, async ({ id }) => {
        local.leave(id);
        return undefined;
      }),
    )
    .post(
      '/fault',
      doing(faultSchema, ({ comet, fault }) => local.fault(comet, fault)),
    )
    .post(
      '/push',
      doing(pushSchema, ({ format, body, ...push }) =>
        local.push({ ...push, body: Buffer.from(body) }, format),
      ),
    );
