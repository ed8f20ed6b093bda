import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { OpenClient } from './client.ts';

/** Each WebSocket message is a body. The URL is like `ws://127.0.0.1:4502/?key={key}&room={room}`. */
export const openPlainClient =
  (template: string): OpenClient =>
  async ({ key, room }) => {
    const url = template
      .replaceAll('{key}', encodeURIComponent(key))
      .replaceAll('{room}', encodeURIComponent(room));
    const bodies: string[] = [];
    const socket = new WebSocket(url);
    socket.on('message', (data) => bodies.push((data as Buffer).toString('base64')));
    await once(socket, 'open');
    // A close follows.
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    return {
      bodies,
      close: async () => {
        socket.close();
        await closed;
      },
    };
  };
