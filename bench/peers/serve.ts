import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers JSON on any free port of 127.0.0.1, says its address to the parent, and ends with it. */
export const serve = async (answer: (body: string) => string, delayMs = 0): Promise<void> => {
  const read = async (request: IncomingMessage): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const server = createServer(async (request, response) => {
    const body = answer(await read(request));
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('disconnect', () => process.exit());
  process.send?.({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
};
