import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import type { StoredLetter } from '../../lib/store/dead-letter-item.ts';
import { readLetters } from '../../operate/status/letters.ts';
import type { LetterAnswer, LettersAnswer, WholeLetterAnswer } from '../answers.ts';
import type { ConsoleDeps } from './app.ts';
import { type LetterJob, startLetterJob } from './letter-job.ts';

const MIB = 1024 * 1024;
/** Ten thousand ids of the longest comets' names, nearly. */
const MAX_REQUEST_BYTES = 8 * MIB;

const jobSchema = v.strictObject({
  kind: v.picklist(['replay', 'purge']),
  ids: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(10_000)),
  dryRun: v.boolean(),
});

const answerOf = ({ id, kind, reason, topic, partition, offset, diedAt, comet, bytes }: StoredLetter) =>
  ({ id, kind, reason, topic, partition, offset, diedAt, comet, bytes }) satisfies LetterAnswer;

/** One at a time: two that replay the same letters would send them twice. */
const jobRoutes = ({ connect, now }: ConsoleDeps): Hono => {
  let job: LetterJob | undefined;
  return new Hono()
    .get('/', (context) => context.json(job?.answer() ?? {}))
    .post('/', bodyLimit({ maxSize: MAX_REQUEST_BYTES }), async (context) => {
      const asked = v.safeParse(jobSchema, await context.req.json().catch(() => undefined));
      if (!asked.success) return context.json({ problem: 'that is no replay and no purge' }, 400);
      if (job?.answer().state === 'running')
        return context.json({ problem: 'another one is under way' }, 409);
      job = startLetterJob(connect, asked.output, now);
      return context.json(job.answer(), 202);
    })
    .post('/stop', (context) => {
      job?.stop();
      return context.json(job?.answer() ?? {});
    });
};

export const lettersRoutes = (deps: ConsoleDeps): Hono => {
  const { tables, now } = deps;
  return new Hono()
    .get('/', async (context) => {
      const { letters, ...status } = await readLetters(tables);
      return context.json({ ...status, letters: letters.map(answerOf), now: now() } satisfies LettersAnswer);
    })
    .get('/one', async (context) => {
      const id = context.req.query('id') ?? '';
      const letter = (await tables.letters.read([id])).get(id);
      if (letter === undefined) return context.json({ problem: 'it is not there any more' }, 404);
      if ('problem' in letter) return context.json({ problem: letter.problem }, 422);
      const { timestamp, expiresAt, detail, original } = letter;
      return context.json({
        ...answerOf(letter),
        timestamp,
        expiresAt,
        detail,
        original,
      } satisfies WholeLetterAnswer);
    })
    .route('/job', jobRoutes(deps));
};
