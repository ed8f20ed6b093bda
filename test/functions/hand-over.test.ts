import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json, text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type InvokeApi, startInvokeApi } from '../../local/invoke-api/invoke-api.ts';
import { listenOn, shut } from '../../local/listening.ts';
import { functionEnvironment } from '../../local/set/function-environment.ts';
import { tableNames } from '../../local/tables.ts';
import { toRoom } from '../parking/ops.ts';
import { openRig, type Rig } from '../parking/rig.ts';

/** Each invocation is a process of its own, with the configuration that is deployed when it starts. */

const MINUTES_15 = 900_000;
const PATIENT = { timeout: 45_000, interval: 100 };

let rig: Rig;
let api: InvokeApi;
let deployed: Record<string, string>;
let children: ChildProcess[];
let comet: { address: string; tokens: string[]; taken: string; close(): Promise<void> };

/** Takes ops with the one token that is good. */
const startComet = async (): Promise<typeof comet> => {
  const server = createServer(async (request, response) => {
    const { ops = [] } = request.method === 'POST' ? ((await json(request)) as { ops: unknown[] }) : {};
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    it.tokens.push(token);
    response.setHeader('Content-Type', 'application/json');
    if (token !== it.taken) response.writeHead(401).end('{}');
    else response.end(JSON.stringify(request.method === 'POST' ? { done: ops.length } : { rooms: [] }));
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  const it = {
    address: `http://127.0.0.1:${port}`,
    tokens: [] as string[],
    taken: '',
    close: () => shut(server),
  };
  return it;
};

/** Answers what the function did. */
const invoke = async (file: string, event: object = {}): Promise<string> => {
  const args = ['test/functions/invoke-once.ts', file, JSON.stringify(event), String(MINUTES_15)];
  const settings = functionEnvironment({ dynamodb: rig.endpoint, lambda: api.url, tables: tableNames() });
  const env = { PATH: process.env['PATH'], ...settings, ...deployed };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [answer] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return answer.trim().split('\n').at(-1) ?? '';
};

beforeEach(async () => {
  rig = await openRig();
  rig.now = Date.now();
  children = [];
  comet = await startComet();
  api = await startInvokeApi((_name, event) => invoke('redeliver', event as object));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([api.close(), comet.close(), rig.close()]);
});

test('a merge that runs hands over to another configuration, and that to the first one again', async () => {
  const fleetOf = (id: string) => ({ COMETS: JSON.stringify({ [id]: [comet.address] }) });
  const merging = async (id: string) => {
    const { fingerprint = '' } = (await rig.leases.read('merge-rooms')) ?? {};
    const live = (await rig.fleet.readComets()).filter(({ leftAt }) => leftAt === undefined);
    expect(live.map((one) => one.id)).toContain(id);
    return fingerprint;
  };
  deployed = fleetOf('a');
  const first = invoke('merge-rooms');
  const old = await vi.waitFor(() => merging('a'), PATIENT);
  deployed = fleetOf('b');
  const second = invoke('merge-rooms');
  expect(await first).toBe('"merged"');
  const next = await vi.waitFor(() => merging('b'), PATIENT);
  deployed = fleetOf('a');
  void invoke('merge-rooms');
  expect(await second).toBe('"merged"');
  await vi.waitFor(async () => expect(await merging('a')).toBe(old), PATIENT);
  expect(next).not.toBe(old);
});

test('a redelivery that runs hands over to another token, and that to the first one again', async () => {
  await rig.join({ id: 'a', addresses: [comet.address] });
  const wake = { v: 1, comet: 'a', partitions: ['t-0'] };
  const tried = (token: string) => vi.waitFor(() => expect(comet.tokens.at(-1)).toBe(token), PATIENT);
  await rig.park('a', [toRoom(1)]);
  deployed = { COMET_TOKEN: 'one' };
  const first = invoke('redeliver', wake);
  await tried('one');
  deployed = { COMET_TOKEN: 'two' };
  expect(await invoke('redeliver', wake)).toBe('"held"');
  expect(await first).toBe('"handed-over"');
  await tried('two');
  deployed = { COMET_TOKEN: 'one' };
  expect(await invoke('redeliver', wake)).toBe('"held"');
  await tried('one');
  comet.taken = 'one';
  await vi.waitFor(async () => expect(await rig.behind.scan()).toEqual([]), PATIENT);
});
