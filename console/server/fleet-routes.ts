import { Hono } from 'hono';
import { readFleet } from '../../operate/status/fleet.ts';
import type { FleetAnswer } from '../answers.ts';
import type { ConsoleDeps } from './app.ts';

export const fleetRoutes = ({ tables, now, local }: ConsoleDeps): Hono =>
  new Hono().get('/', async (context) => {
    const status = await readFleet(tables, now());
    const localById = new Map(local?.comets().map((comet) => [comet.id, comet]));
    const comets = status.comets.map((comet) => ({ ...comet, ...localById.get(comet.id) }));
    return context.json({ ...status, now: now(), comets } satisfies FleetAnswer);
  });
