import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOMS_CALL_MS } from '../../../lib/domain/limits.ts';
import { createDiscoveryRegistry } from '../../../lib/registry/discovery/discovery.ts';
import { MAX_DISCOVERY_REPLY_BYTES } from '../../../lib/registry/discovery/node.ts';
import { noteDeadlines } from '../../given-deadlines.ts';
import { type DiscoveryStub, startDiscoveryStub } from './stub.ts';

const never = new AbortController().signal;
const host = '127.0.0.1';
const NOBODY = { comets: [], refused: [] };
const query = { appid: 'goim.comet', env: 'dev' };

const started: DiscoveryStub[] = [];
const startStub = async (version?: 'v1.0.1' | 'head'): Promise<DiscoveryStub> => {
  const stub = await startDiscoveryStub({ host, port: 0, ...(version && { version }) });
  started.push(stub);
  return stub;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((stub) => stub.close()));
});

const comet = (id: string, address = `grpc://${id}:3109`, zone = 'sh001') => ({
  id,
  addresses: [address],
  zone,
});

describe.each(['v1.0.1', 'head'] as const)('discovery %s', (version) => {
  let stub: DiscoveryStub;
  beforeEach(async () => {
    stub = await startStub(version);
  });
  const registry = (zone?: string) => createDiscoveryRegistry({ urls: [stub.url], ...query, zone });
  const answer = () => registry().comets(never);
  const body = (text: string) => stub.fail({ body: text });

  it('names the comets that are up, in all zones, with their addresses', async () => {
    stub.setInstances([
      { hostname: 'comet-1', addrs: ['grpc://10.0.0.5:3109', 'grpcs://10.0.0.5:3110'] },
      { hostname: 'comet-2', addrs: ['grpc://10.0.1.5:3109'], zone: 'sh002' },
      { hostname: 'waits', addrs: ['grpc://10.0.0.6:3109'], status: 2 },
      { hostname: 'other-app', addrs: ['grpc://10.0.0.7:3109'], appid: 'goim.logic' },
      { hostname: 'other-env', addrs: ['grpc://10.0.0.8:3109'], env: 'uat' },
    ]);
    expect(await answer()).toEqual({
      comets: [
        { id: 'comet-1', addresses: ['grpc://10.0.0.5:3109', 'grpcs://10.0.0.5:3110'], zone: 'sh001' },
        { id: 'comet-2', addresses: ['grpc://10.0.1.5:3109'], zone: 'sh002' },
      ],
      refused: [],
    });
    expect(Object.fromEntries(stub.asked[0] ?? [])).toEqual({ ...query, status: '1' });
  });

  it('asks for one zone if one is given', async () => {
    stub.setInstances([
      { hostname: 'comet-1', addrs: ['grpc://comet-1:3109'] },
      { hostname: 'comet-2', addrs: ['grpc://comet-2:3109'], zone: 'sh 2' },
    ]);
    expect((await registry('sh 2').comets(never)).comets).toEqual([comet('comet-2', undefined, 'sh 2')]);
  });

  it('takes addresses that are joined with commas apart, once each, and leaves other schemes out', async () => {
    stub.register({ hostname: 'comet-1', addrs: ['http://a:80,grpc://a:1, grpc://b:2', 'grpc://a:1'] });
    expect(await answer()).toEqual({
      comets: [{ id: 'comet-1', addresses: ['grpc://a:1', 'grpc://b:2'], zone: 'sh001' }],
      refused: [],
    });
  });

  it('refuses a bad instance by itself (goim J13)', async () => {
    stub.setInstances([
      { hostname: 'no-grpc', addrs: ['http://a:80'] },
      { hostname: 'no-address', addrs: [] },
      { hostname: 'no-host', addrs: ['grpc://'] },
      { hostname: '#fleet', addrs: ['grpc://b:3109'] },
      { hostname: 'good', addrs: ['grpc://good:3109'] },
    ]);
    expect(await answer()).toEqual({
      comets: [comet('good')],
      refused: [
        { id: 'no-grpc', problem: 'it has no grpc:// or grpcs:// address' },
        { id: 'no-address', problem: 'it has no grpc:// or grpcs:// address' },
        { id: 'no-host', problem: 'address 1 is not an http, https, grpc, grpcs or gorpc URL' },
        { id: '#fleet', problem: 'the id starts with #' },
      ],
    });
  });

  it('takes the later of two instances with one hostname, to the nanosecond', async () => {
    const at = 1_766_400_000_000_000_001n;
    expect(Number(at)).toBe(Number(at + 1n));
    for (const [first, second] of [[0n, 1n] as const, [1n, 0n] as const]) {
      stub.setInstances([
        { hostname: 'moved', addrs: [`grpc://a${first}:1`], zone: 'z1', registeredAt: at + first },
        { hostname: 'moved', addrs: [`grpc://a${second}:1`], zone: 'z2', registeredAt: at + second },
      ]);
      const { comets, refused } = await answer();
      expect(comets.map(({ addresses }) => addresses)).toEqual([['grpc://a1:1']]);
      expect(refused).toEqual([{ id: 'moved', problem: 'the id is named twice' }]);
    }
  });

  it('names nobody if the appid, the env or the zone is not known', async () => {
    expect(await answer()).toEqual(NOBODY);
    stub.register({ hostname: 'comet-1', addrs: ['grpc://a:1'] });
    expect(await registry('elsewhere').comets(never)).toEqual(NOBODY);
  });

  it('names nobody if all comets are waiting', async () => {
    stub.register({ hostname: 'comet-1', addrs: ['grpc://a:1'], status: 2 });
    expect(await answer()).toEqual(NOBODY);
  });

  it.each([
    ['null for data', '{"code":0,"data":null}'],
    ['null for instances', '{"code":0,"data":{"instances":null,"latest_timestamp":1}}'],
    ['null for a zone', '{"code":0,"data":{"instances":{"sh001":null}}}'],
    ['-404', '{"code":-404,"message":"-404","ttl":1}'],
  ])('names nobody for %s', async (_name, text) => {
    body(text);
    expect(await answer()).toEqual(NOBODY);
  });

  it('refuses malformed instances by themselves, and reads those without times', async () => {
    const good = '{"hostname":"good","addrs":["grpc://good:3109"],"status":1}';
    const late = '{"hostname":"late","addrs":["grpc://late:3109"],"status":1,"reg_timestamp":"x"}';
    const bad = '{"hostname":"bad","addrs":"grpc://a:1","status":1}';
    const null_ = '{"hostname":"null","addrs":null,"status":1}';
    body(`{"code":0,"data":{"instances":{"sh001":[${bad},${good},${null_},17,${late}]}}}`);
    expect(await answer()).toEqual({
      comets: [comet('good'), comet('late')],
      refused: [
        { id: 'bad', problem: 'its instance is malformed' },
        { id: 'null', problem: 'it has no grpc:// or grpcs:// address' },
        { id: '', problem: 'its instance is malformed' },
      ],
    });
  });

  it.each([
    ['is protected, having just started', 'protected', 'status 503'],
    ['has an internal error', { body: '{"code":-500,"data":null}' }, 'code -500'],
    ['finds the request bad', { body: '{"code":-400,"data":null}' }, 'code -400'],
    ['says not modified', { body: '{"code":-304,"data":null}' }, 'code -304'],
    ['answers 500', { status: 500, body: '' }, 'status 500'],
    ['redirects', { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } }, 'status 302'],
    ['resets', 'reset', 'ECONNRESET'],
    ['answers HTML', { body: '<html></html>' }, 'its answer is not JSON'],
    ['answers half', { body: '{"code":0,"data":{"inst' }, 'its answer is not JSON'],
    ['answers no code', { body: '{}' }, 'its answer is malformed'],
    ['answers a list', { body: '[]' }, 'its answer is malformed'],
    [
      'answers a list of instances',
      { body: '{"code":0,"data":{"instances":[{}]}}' },
      'its answer is malformed',
    ],
    [
      'answers text for a zone',
      { body: '{"code":0,"data":{"instances":{"z":"x"}}}' },
      'its answer is malformed',
    ],
    ['answers too much', { body: ' '.repeat(MAX_DISCOVERY_REPLY_BYTES + 1) }, 'its answer is too large'],
    ['hangs', 'hang', 'no answer in time'],
  ] as const)('fails, and may be asked again, if the node %s', async (_name, fault, problem) => {
    stub.register({ hostname: 'comet-1', addrs: ['grpc://a:1'] });
    stub.fail(fault);
    await expect(answer()).rejects.toMatchObject({
      code: 'REGISTRY_FAILED',
      retryable: true,
      details: { problems: [problem] },
    });
    stub.fail();
    expect((await answer()).comets.length).toBe(1);
  });
});

describe('several nodes', () => {
  let now: number;
  let stubs: [DiscoveryStub, DiscoveryStub, DiscoveryStub, DiscoveryStub];
  beforeEach(async () => {
    now = 1_000_000;
    stubs = [await startStub(), await startStub('head'), await startStub(), await startStub()];
    for (const [i, stub] of stubs.entries()) {
      stub.register({ hostname: `from-${i}`, addrs: ['grpc://a:1'] });
    }
  });
  const open = (count: number) =>
    createDiscoveryRegistry({ urls: stubs.slice(0, count).map(({ url }) => url), ...query, now: () => now });
  const idsOf = async (registry: ReturnType<typeof open>): Promise<string[]> =>
    (await registry.comets(never)).comets.map(({ id }) => id);
  const asked = (): number[] => stubs.map((stub) => stub.asked.length);

  it('are asked in the order of the configuration, the first one alone while it answers', async () => {
    const registry = open(2);
    expect(await idsOf(registry)).toEqual(['from-0']);
    expect(await idsOf(registry)).toEqual(['from-0']);
    expect(asked()).toEqual([2, 0, 0, 0]);
  });

  it('stand in for one that fails, which is not asked first again before its back-off ends', async () => {
    const registry = open(2);
    const [first] = stubs;
    first.fail('protected');
    expect(await idsOf(registry)).toEqual(['from-1']);
    first.fail();
    now += 999;
    expect(await idsOf(registry)).toEqual(['from-1']);
    expect(asked()).toEqual([1, 2, 0, 0]);
    now += 1;
    expect(await idsOf(registry)).toEqual(['from-0']);
  });

  it('share the time: one that hangs leaves enough to the next', async () => {
    stubs[0].fail('hang');
    stubs[1].fail('hang');
    const shares = noteDeadlines();
    const fresh = await import('../../../lib/registry/discovery/discovery.ts');
    const urls = stubs.map(({ url }) => url);
    expect(await idsOf(fresh.createDiscoveryRegistry({ urls, ...query }))).toEqual(['from-2']);
    expect(shares).toHaveLength(3);
    expect(shares.reduce((sum, ms) => sum + ms)).toBeLessThan(ROOMS_CALL_MS);
  });

  it('stand in for one that names nobody, since it may just have started', async () => {
    stubs[0].setInstances([]);
    expect(await idsOf(open(2))).toEqual(['from-1']);
    stubs[1].setInstances([]);
    expect(await open(2).comets(never)).toEqual(NOBODY);
    stubs[1].fail('reset');
    expect(await open(2).comets(never)).toEqual(NOBODY);
  });

  it('beyond three have their turn a second later', async () => {
    const registry = open(4);
    for (const stub of stubs.slice(0, 3)) stub.fail('protected');
    await expect(idsOf(registry)).rejects.toMatchObject({
      details: { problems: ['status 503', 'status 503', 'status 503'] },
    });
    expect(asked()).toEqual([1, 1, 1, 0]);
    expect(await idsOf(registry)).toEqual(['from-3']);
  });

  it('are not asked any more once the time is over', async () => {
    for (const stub of stubs) stub.fail('hang');
    const failed = await open(3)
      .comets(AbortSignal.timeout(50))
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'REGISTRY_FAILED', details: { problems: ['no answer in time'] } });
    expect(asked()).toEqual([1, 0, 0, 0]);
  });
});

it('a failure has no trace of the URL, which may hold a password', async () => {
  const stub = await startStub();
  await stub.close();
  const url = stub.url.replace('//', '//user:hunter2@');
  const failure = await createDiscoveryRegistry({ urls: [url], ...query })
    .comets(never)
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'REGISTRY_FAILED', details: { problems: ['ECONNREFUSED'] } });
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('hunter2');
});
