import { Hono } from 'hono';
import { readParked } from '../../operate/status/parked.ts';
import type { ParkedAnswer } from '../answers.ts';
import type { ConsoleDeps } from './app.ts';

export const parkedRoutes = ({ tables, now }: ConsoleDeps): Hono =>
  new Hono().get('/', async (context) => {
    const status = await readParked(tables);
    return context.json({ ...status, now: now() } satisfies ParkedAnswer);
  });
