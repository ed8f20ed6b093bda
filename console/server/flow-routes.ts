import { Hono } from 'hono';
import type { FlowAnswer } from '../answers.ts';
import type { LocalSide } from './local-side.ts';

export const flowRoutes = (local: LocalSide, now: () => number): Hono =>
  new Hono().get('/', (context) => {
    const after = Number(context.req.query('after') ?? 0);
    return context.json({ now: now(), seconds: local.flow(after) } satisfies FlowAnswer);
  });
