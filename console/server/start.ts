import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { listenOn, shut } from '../../local/listening.ts';
import { HOST } from '../../local/ports.ts';
import { type ConsoleDeps, createApp } from './app.ts';
import { bundlePage } from './bundle.ts';

export interface Console {
  /** With the token, unless the page has it. */
  readonly url: string;
  close(): Promise<void>;
}

const TOKEN_BYTES = 24;

/** On 127.0.0.1 alone; port 0 takes any. Rejects with Node's own error if the port is taken. */
export const startConsole = async (deps: ConsoleDeps & { readonly port: number }): Promise<Console> => {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  let port = 0;
  const app = createApp({ ...deps, page: await bundlePage(), port: () => port, token });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  port = await listenOn(server, HOST, deps.port);
  const url = `http://${HOST}:${port}/`;
  return { url: deps.about.isLocal ? url : `${url}#token=${token}`, close: () => shut(server) };
};
