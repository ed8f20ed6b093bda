import { timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';

export interface GuardOptions {
  readonly port: () => number;
  /** Asked for by everything under `/api/`. */
  readonly token: string;
  readonly canChange: boolean;
}

const isSame = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const refuse = (context: Context, status: 401 | 403, problem: string): Response =>
  context.json({ problem }, status);

/** A page of another origin, and a name that was made to point here, are not this page. */
const isOwn = (context: Context, port: number): boolean => {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const origin = context.req.header('origin');
  return (
    hosts.includes(context.req.header('host') ?? '') &&
    (origin === undefined || hosts.some((host) => origin === `http://${host}`))
  );
};

/** 403 for another Host or Origin, and for a change where none is allowed; 401 without the token. */
export const createGuard =
  ({ port, token, canChange }: GuardOptions): MiddlewareHandler =>
  async (context, next) => {
    if (!isOwn(context, port())) return refuse(context, 403, 'this is for its own page on this machine');
    if (!context.req.path.startsWith('/api/')) return next();
    if (!isSame(context.req.header('authorization') ?? '', `Bearer ${token}`))
      return refuse(context, 401, 'the token is missing or wrong');
    if (context.req.method !== 'GET' && !canChange)
      return refuse(context, 403, 'nothing may be changed without --allow-changes');
    return next();
  };
