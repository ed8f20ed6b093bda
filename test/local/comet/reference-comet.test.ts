import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startReferenceComet } from '../../../local/comet/reference-comet.ts';
import { get, postOps, pushOp, received, roomOp, useComets } from './setup.ts';

const { keep, start, connect } = useComets();

const OPTIONS = { id: 'comet-1', host: '127.0.0.1', clientPort: 0, apiPort: 0 };
const portOf = (url: string): number => Number(new URL(url).port);

/** Takes a port for as long as the test runs. */
const takenPort = async (): Promise<number> => {
  const server: Server = createServer().listen(0, OPTIONS.host);
  await once(server, 'listening');
  keep({ close: async () => void server.close() });
  return (server.address() as AddressInfo).port;
};

const isRefused = async (url: string): Promise<boolean> => {
  const socket = connectTcp(portOf(url), OPTIONS.host);
  const refused = await once(socket, 'connect').then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );
  socket.destroy();
  return refused;
};

describe('a reference comet', () => {
  it('says where it listens', async () => {
    const comet = await start({ id: 'comet-7' });
    expect(comet).toMatchObject({
      id: 'comet-7',
      clientUrl: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:[1-9]\d*\/sub$/),
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
    });
  });

  it('listens on the ports that it is given', async () => {
    const first = await start();
    const ports = { clientPort: portOf(first.clientUrl), apiPort: portOf(first.apiUrl) };
    await first.close();
    const { clientUrl, apiUrl } = await start(ports);
    expect([clientUrl, apiUrl]).toEqual([first.clientUrl, first.apiUrl]);
  });

  it("rejects with Node's own error if the client port is taken", async () => {
    const port = await takenPort();
    await expect(startReferenceComet({ ...OPTIONS, clientPort: port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
    });
  });

  it("rejects with Node's own error if the API port is taken, and frees the client port", async () => {
    const apiPort = await takenPort();
    const free = await start();
    await free.close();
    const clientPort = portOf(free.clientUrl);
    await expect(startReferenceComet({ ...OPTIONS, clientPort, apiPort })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: apiPort,
    });
    expect(await isRefused(free.clientUrl)).toBe(true);
  });

  it('logs what its API does, and neither keys nor bodies', async () => {
    const lines: string[] = [];
    const comet = await start({ log: (line) => lines.push(line) });
    await connect(comet, { key: 'secret-key' });
    await postOps(comet, [pushOp(['secret-key'], 'secret-body')]);
    await comet.stop();
    await comet.hang();
    await comet.start();
    expect(lines).toEqual(
      ['has stopped', 'hangs', 'answers'].map((what) => `comet-1: the API ${what} (${comet.apiUrl})`),
    );
  });
});

describe('a stopped comet', () => {
  it('refuses connections', async () => {
    const comet = await start();
    await comet.stop();
    await expect(get(comet, '/v1/rooms')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('has dropped the open connections', async () => {
    const comet = await start();
    const socket = connectTcp(portOf(comet.apiUrl), OPTIONS.host);
    const closed = once(socket, 'close');
    socket.write('GET /v1/rooms HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/rooms');
    await once(socket, 'data');
    await comet.stop();
    await closed;
  });

  it('keeps its clients, their rooms and what they accept', async () => {
    const comet = await start();
    const client = await connect(comet);
    await comet.stop();
    await client.subscribe([7]);
    await client.changeRoom('live://2000');
    await comet.start();
    expect((await get(comet, '/v1/rooms')).data).toEqual({ rooms: ['live://2000'] });
    await postOps(comet, [pushOp(['k1'], 'a', 7), roomOp('live://2000', 'b')]);
    expect(await received(client)).toEqual(['7 a', '1000 b']);
  });

  it('answers on the same port once it is started again', async () => {
    const comet = await start();
    await comet.stop();
    await comet.start();
    expect((await get(comet, '/v1/rooms')).status).toBe(200);
  });

  it('may be stopped twice, and started twice', async () => {
    const comet = await start();
    await comet.stop();
    await comet.stop();
    await comet.start();
    await comet.start();
    expect((await get(comet, '/v1/rooms')).status).toBe(200);
  });

  it("rejects its start with Node's own error if the port has been taken, and may try again", async () => {
    const comet = await start();
    await comet.stop();
    const thief = createServer().listen(portOf(comet.apiUrl), OPTIONS.host);
    await once(thief, 'listening');
    await expect(comet.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port: portOf(comet.apiUrl) });
    thief.close();
    await once(thief, 'close');
    await comet.start();
    expect((await get(comet, '/v1/rooms')).status).toBe(200);
  });
});

describe('a hanging comet', () => {
  it('takes connections, answers nothing, and resets what waits when it is started', async () => {
    const comet = await start();
    await comet.hang();
    const socket = connectTcp(portOf(comet.apiUrl), OPTIONS.host);
    const data: Buffer[] = [];
    socket.on('data', (chunk) => data.push(chunk));
    socket.write('POST /v1/ops HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await comet.start();
    await closed;
    expect(`${Buffer.concat(data)}`).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect((await get(comet, '/v1/rooms')).status).toBe(200);
  });

  it('hangs even if it was stopped', async () => {
    const comet = await start();
    await comet.stop();
    await comet.hang();
    expect(await isRefused(comet.apiUrl)).toBe(false);
  });
});

describe('a closed comet', () => {
  it('listens no more and has closed its clients', async () => {
    const comet = await start();
    const client = await connect(comet);
    await comet.close();
    await client.closed;
    expect(await Promise.all([comet.clientUrl, comet.apiUrl].map(isRefused))).toEqual([true, true]);
  });

  it('may be closed while it hangs, while it is stopped, and twice', async () => {
    const [hanging, stopped] = [await start(), await start()];
    await hanging.hang();
    await stopped.stop();
    for (const comet of [hanging, stopped, hanging]) await comet.close();
    expect(await Promise.all([hanging.clientUrl, stopped.clientUrl].map(isRefused))).toEqual([true, true]);
  });

  it('keeps no process alive, nor does a client that has closed', async () => {
    const local = new URL('../../../local/', import.meta.url);
    const script = `
      import { startReferenceComet } from '${new URL('comet/reference-comet.ts', local)}';
      import { connectGoimClient } from '${new URL('goim-client/client.ts', local)}';
      const comet = await startReferenceComet(${JSON.stringify(OPTIONS)});
      const options = { url: comet.clientUrl, roomId: 'r', accepts: [] };
      const client = await connectGoimClient({ ...options, key: 'a' });
      await client.close();
      await connectGoimClient({ ...options, key: 'b' });
      await fetch(comet.apiUrl + '/v1/rooms');
      await comet.close();
      process.stdout.write('closed');`;
    const node = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 15_000,
    });
    expect((await node).stdout).toBe('closed');
  });
});
