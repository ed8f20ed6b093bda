import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As many comets as there are base paths, each with ten rooms that stay; says how often it was asked since the last time. */
const ROOMS = 10;
let asked = 0;
const server = createServer(({ url = '', headers }, response) => {
  asked += 1;
  const comet = url.slice(1, url.indexOf('/', 1));
  const etag = `"${comet}"`;
  if (headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const rooms = Array.from({ length: ROOMS }, (_, index) => `live://${comet}-${index}`);
  const body = JSON.stringify({ rooms });
  response
    .writeHead(200, { etag, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
});
server.keepAliveTimeout = 60_000;

server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('disconnect', () => process.exit());
process.on('message', () => {
  process.send?.(asked);
  asked = 0;
});
process.send?.({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
