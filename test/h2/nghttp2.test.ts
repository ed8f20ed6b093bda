import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fields } from '../../lib/h2/hpack/field.ts';
import { openConnection } from '../../lib/h2/open.ts';
import { call, FIELDS } from './calling.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const start = async (server: Http2Server) => {
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => sessions.push(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { connection } = openConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  open.push(() => {
    connection.close();
    server.close();
  });
  return { connection, sessions };
};

const name = fc.stringMatching(/^x-[a-z0-9-]{1,3}$/);
// Printable, and now and then a byte above ASCII; no spaces around.
const value = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0x21, max: 0x7e }) },
      { weight: 1, arbitrary: fc.integer({ min: 0xa1, max: 0xff }) },
    ),
    { maxLength: 80 },
  )
  .map((codes) => String.fromCharCode(...codes));
const lists = fc.array(fc.dictionary(name, value, { maxKeys: 12 }), { minLength: 5, maxLength: 30 });
const tableSizes = fc.constantFrom(undefined, 0, 4096, 200, 65_536);

describe('against nghttp2', () => {
  test("its encoder's blocks are decoded, whatever the table holds", async () => {
    let next: Record<string, string> = {};
    const server = createServer();
    server.on('stream', (stream) => {
      stream.resume();
      stream.respond({ ':status': 200, ...next }, { endStream: true });
    });
    const { connection } = await start(server);
    await fc.assert(
      fc.asyncProperty(lists, async (responses) => {
        for (const response of responses) {
          next = response;
          const { head } = await call(connection);
          const fields = Object.fromEntries([...(head?.fields ?? [])].filter(([key]) => key !== 'date'));
          expect(fields).toEqual({ ...response });
        }
      }),
      { numRuns: 40 },
    );
  });

  test("our encoder's blocks are what it decodes, while the peer changes the table's size", async () => {
    let got: Record<string, unknown> = {};
    const server = createServer();
    server.on('stream', (stream, headers) => {
      got = headers;
      stream.resume();
      stream.respond({ ':status': 200 }, { endStream: true });
    });
    const { connection, sessions } = await start(server);
    await call(connection);
    const kept: Fields[] = [];
    await fc.assert(
      fc.asyncProperty(lists, tableSizes, fc.nat(), async (requests, headerTableSize, pick) => {
        if (headerTableSize !== undefined) sessions[0]?.settings({ headerTableSize });
        for (const request of requests) {
          const list: Fields = [...FIELDS, ...Object.entries(request)];
          kept.push(list);
          for (const fields of [list, kept[pick % kept.length] as Fields, list]) {
            await call(connection, { fields });
            expect(Object.fromEntries(Object.entries(got))).toEqual(Object.fromEntries(fields));
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
