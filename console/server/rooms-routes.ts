import { Hono } from 'hono';
import { readRoom, readRooms } from '../../operate/status/rooms.ts';
import type { ConsoleDeps } from './app.ts';

export const roomsRoutes = ({ tables }: ConsoleDeps): Hono =>
  new Hono()
    .get('/', async (context) => context.json(await readRooms(tables)))
    .get('/one', async (context) => {
      const room = context.req.query('room') ?? '';
      if (room === '') return context.json({ problem: 'name a room' }, 400);
      return context.json(await readRoom(tables, room));
    });
