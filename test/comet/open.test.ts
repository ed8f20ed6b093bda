import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { COMET_CALL_MS } from '../../lib/domain/limits.ts';
import { undelivered } from '../../lib/domain/outcome.ts';
import { noteDeadlines } from '../given-deadlines.ts';
import { roomOp } from './contract.ts';

const never = new AbortController().signal;

/** Takes connections and never says a word. */
const startSilent = async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

test.each([1, 2, 3])('%i addresses share the time of one call', async (count) => {
  const host = await startSilent();
  const given = noteDeadlines({ isOver: true });
  const { openComet } = await import('../../lib/comet/open.ts');
  const comet = openComet({ id: 'c', addresses: Array(count).fill(`http://${host}`) });
  expect(await comet.deliver([roomOp(1)], never)).toEqual([undelivered('COMET_TIMEOUT')]);
  comet.close();
  expect(given).toEqual(Array(count).fill(COMET_CALL_MS / count));
});
