import { connectGoimClient } from '../../local/goim-client/client.ts';
import type { OpenClient } from './client.ts';

/** Speaks goim v2's protocol at a URL like `ws://127.0.0.1:3102/sub`. */
export const openGoimClient =
  (url: string): OpenClient =>
  async ({ key, room, accepts }) => {
    const bodies: string[] = [];
    const { close } = await connectGoimClient({
      url,
      key,
      roomId: room,
      accepts,
      onMessage: ({ body }) => bodies.push(body.toString('base64')),
    });
    return { bodies, close };
  };
