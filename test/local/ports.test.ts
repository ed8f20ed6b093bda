import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ensureFree, portsFrom, portTaken } from '../../local/ports.ts';

describe('ports', () => {
  it('are fixed', () => {
    expect(portsFrom()).toEqual({
      topic: 3100,
      tables: 3101,
      console: 3103,
      lambda: 3002,
      comets: [
        { id: 'comet-1', clients: 3102, api: 3108, rpc: 3109, wire: 'grpc' },
        { id: 'comet-2', clients: 3202, api: 3208, rpc: 3209, wire: 'grpc' },
        { id: '3', clients: 3302, api: 3308, rpc: 3309, wire: 'gorpc' },
      ],
    });
  });

  it('move together', () => {
    expect(portsFrom('4100')).toEqual({
      topic: 4100,
      tables: 4101,
      console: 4103,
      lambda: 4002,
      comets: [
        { id: 'comet-1', clients: 4102, api: 4108, rpc: 4109, wire: 'grpc' },
        { id: 'comet-2', clients: 4202, api: 4208, rpc: 4209, wire: 'grpc' },
        { id: '3', clients: 4302, api: 4308, rpc: 4309, wire: 'gorpc' },
      ],
    });
  });

  it.each(['', 'x', '3100.5', '1121', '65327', true])('have no base %j', (base) => {
    expect(() => portsFrom(base)).toThrow('--port-base is not a whole number from 1122 to 65326');
  });

  it('that are taken are named, with the option', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error: unknown = await ensureFree([port]).catch((problem: unknown) => problem);
    expect(portTaken(error)).toMatch(new RegExp(`^port ${port} is taken.*--port-base`));
    server.close();
    await once(server, 'close');
    await ensureFree([port]);
  });

  it('have nothing to do with other errors', () => {
    expect(portTaken(new Error('no'))).toBeUndefined();
  });
});
