import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

/** Longer than any caller keeps an idle connection: none is closed under a request, also of one that was held up meanwhile, which would be `ECONNRESET`. */
export const KEEP_ALIVE_MS = 120_000;

/** Answers the real port. Rejects with Node's own error, whose `code` and `port` say what is taken. */
export const listenOn = async (server: Server, host: string, port: number): Promise<number> => {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** Closes the listening socket and destroys the open connections. */
export const shut = async (server: HttpServer): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
};
