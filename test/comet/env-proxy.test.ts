import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startReferenceComet } from '../../local/comet/reference-comet.ts';
import { listenOn, shut } from '../../local/listening.ts';
import { startDiscoveryStub } from '../registry/discovery/stub.ts';
import { startTestTables } from '../tables.ts';

test('nothing goes through the proxy that the environment names: comets, discovery and tables are called directly', async () => {
  const proxied: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    proxied.push(request.url);
    response.writeHead(502).end();
  });
  const port = await listenOn(proxy, '127.0.0.1', 0);
  const [tables, discovery, comet] = await Promise.all([
    startTestTables(),
    startDiscoveryStub({ host: '127.0.0.1', port: 0 }),
    startReferenceComet({ id: 'c', host: '127.0.0.1', clientPort: 0, apiPort: 0, grpcPort: 0 }),
  ]);
  onTestFinished(async () => {
    await Promise.all([shut(proxy), tables.close(), discovery.close(), comet.close()]);
  });
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: url,
    http_proxy: url,
    HTTPS_PROXY: url,
    NO_PROXY: '',
    no_proxy: '',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['test/comet/env-proxy-child.ts', comet.apiUrl, comet.grpcUrl ?? '', discovery.url, tables.endpoint],
    { env },
  );
  expect([stdout, proxied]).toEqual(['', []]);
});
