import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { ServiceError } from '../../lib/errors.ts';
import type { ReplayDeps } from '../../operate/dead-letters/replay-queue.ts';
import type { StatusTables } from '../../operate/status/tables.ts';
import type { Terminal } from '../../operate/terminal.ts';
import type { AboutAnswer } from '../answers.ts';
import type { PageBundle } from './bundle.ts';
import { fleetRoutes } from './fleet-routes.ts';
import { flowRoutes } from './flow-routes.ts';
import { createGuard } from './guard.ts';
import { secureHeaders } from './headers.ts';
import { ICON, pageHtml } from './html.ts';
import { lettersRoutes } from './letters-routes.ts';
import type { LocalSide } from './local-side.ts';
import { parkedRoutes } from './parked-routes.ts';
import { roomsRoutes } from './rooms-routes.ts';
import { tryRoutes } from './try-routes.ts';

/** What the routes work on. */
export interface ConsoleDeps {
  readonly about: AboutAnswer;
  readonly tables: StatusTables;
  /** What replays and purges work on. */
  readonly connect: (terminal: Terminal) => ReplayDeps;
  readonly now: () => number;
  readonly local?: LocalSide | undefined;
}

export interface AppOptions extends ConsoleDeps {
  readonly page: PageBundle;
  readonly port: () => number;
  readonly token: string;
}

const apiOf = (deps: ConsoleDeps): Hono => {
  const { about, local, now } = deps;
  const api = new Hono()
    .get('/about', (context) => context.json(about))
    .route('/fleet', fleetRoutes(deps))
    .route('/letters', lettersRoutes(deps))
    .route('/parked', parkedRoutes(deps))
    .route('/rooms', roomsRoutes(deps));
  return local === undefined
    ? api
    : api.route('/flow', flowRoutes(local, now)).route('/try', tryRoutes(local, now));
};

/** A store's failure in one line; of anything else its kind, since a message might quote what it failed on. */
const problemOf = (error: Error): string =>
  error instanceof ServiceError ? `${error.code}: ${error.message}` : `unexpected ${error.name}`;

/** The page under every path, its files, and what it asks for under `/api/`. */
export const createApp = (options: AppOptions): Hono => {
  const { page, port, token, about } = options;
  // On the local set everything is open to whoever is on the machine already.
  const html = pageHtml(about.isLocal ? token : undefined);
  const file = (type: string, text: string): Response =>
    new Response(text, { headers: { 'content-type': type } });
  return new Hono()
    .use(secureHeaders, createGuard({ port, token, canChange: about.canChange }), compress())
    .route('/api', apiOf(options))
    .all('/api/*', (context) => context.json({ problem: 'there is no such thing' }, 404))
    .get('/page.js', () => file('text/javascript; charset=utf-8', page.script))
    .get('/page.css', () => file('text/css; charset=utf-8', page.style))
    .get('/icon.svg', () => file('image/svg+xml', ICON))
    .get('*', (context) => context.html(html))
    .onError((error, context) => context.json({ problem: problemOf(error) }, 502));
};
