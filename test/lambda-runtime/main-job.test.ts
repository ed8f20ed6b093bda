import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { encodeV2, type PushTarget } from '../../local/commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import { type LambdaSet, startLambdaSet } from './set.ts';

/** What `serverless package` makes, as Lambda runs it: AWS's runtime, real bundles, DynamoDB Local. */

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:comets-AbCdEf';
const PATIENT_MS = 60_000;
const eventually = { timeout: PATIENT_MS, interval: 50 };
const HOST = '127.0.0.1';

let comets: ReferenceComet[];
let token = 'a-token';
let set: LambdaSet;
let clients: Record<'member' | 'named' | 'other', GoimClient>;

let offset = 0;
const eventOf = (...values: readonly (string | null)[]) => ({
  eventSource: 'aws:kafka',
  eventSourceArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/demo/0f1e2d3c-1',
  bootstrapServers: 'b-1:9092',
  records: {
    't-0': values.map((value) => ({
      topic: 't',
      partition: 0,
      offset: offset++,
      timestamp: Date.now(),
      timestampType: 'CREATE_TIME',
      value,
      headers: [],
    })),
  },
});
const bodies = (client: GoimClient): string[] => client.messages.map(({ body }) => String(body));

beforeAll(async () => {
  comets = await Promise.all(
    ['comet-1', 'comet-2'].map((id) =>
      startReferenceComet({ id, host: HOST, clientPort: 0, apiPort: 0, grpcPort: 0, token: () => token }),
    ),
  );
  const [one, two] = comets as [ReferenceComet, ReferenceComet];
  const connect = (url: string, key: string, roomId: string) =>
    connectGoimClient({ url, key, roomId, accepts: [1000] });
  clients = {
    member: await connect(one.clientUrl, 'm', 'live://1000'),
    named: await connect(one.clientUrl, 'k1', 'live://1'),
    other: await connect(two.clientUrl, 'o', 'live://2'),
  };
  set = await startLambdaSet(
    { COMETS: JSON.stringify({ 'comet-1': [one.apiUrl], 'comet-2': [two.grpcUrl] }) },
    { cometTokenSecretArn: SECRET },
  );
  set.secrets.set(SECRET, token);
}, 600_000);

afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.close()));
  await set.close();
  await Promise.all(comets.map((comet) => comet.close()));
});

const header = async () => (await set.scan('FleetTable')).find(({ id }) => id?.S === '#fleet');
const mergedAt = async (): Promise<number> => Number((await header())?.['mergedAt']?.N ?? 0);
const fresh = async (): Promise<string[]> => (await header())?.['fresh']?.SS ?? [];

describe('mergeRooms', () => {
  test('hands over to the next invocation shortly before Lambda would stop it', async () => {
    // It ends 30 s before its limit.
    set.update('mergeRooms', { AWS_LAMBDA_FUNCTION_TIMEOUT: '40' });
    const first = set.invoke('mergeRooms', {});
    await vi.waitFor(async () => expect((await fresh()).sort()).toEqual(['comet-1', 'comet-2']), eventually);
    set.update('mergeRooms', { AWS_LAMBDA_FUNCTION_TIMEOUT: '900' });
    const second = set.invoke('mergeRooms', {}).catch(() => 'closed');
    expect(await first).toBe('merged');
    const endedAt = Date.now();
    await vi.waitFor(async () => expect(await mergedAt()).toBeGreaterThan(endedAt), eventually);
    expect(await Promise.race([second, 'goes on'])).toBe('goes on');
  });
});

describe.each(['invoke', 'inline'])('the main job, DELIVERY=%s', (DELIVERY) => {
  beforeAll(() => set.update('dispatch', { DELIVERY }));

  const push = (target: PushTarget, body: string): string =>
    encodeV2({ target, operation: 1000, body: Buffer.from(body) }).value.toString('base64');
  const toKey = (comet: string, body: string) => push({ type: 'push', comet, keys: ['k1'] }, body);
  const toOther = (body: string) => push({ type: 'push', comet: 'comet-2', keys: ['o'] }, body);
  const last = (client: GoimClient, count: number) => bodies(client).slice(-count);

  test('delivers keys, rooms and broadcasts over HTTP and gRPC, in order', async () => {
    const say = (body: string) => `${DELIVERY} ${body}`;
    const room = push({ type: 'room', room: 'live://1000' }, say('room'));
    const all = push({ type: 'all', speed: 0 }, say('all'));
    await set.invoke(
      'dispatch',
      eventOf(toKey('comet-1', say('one')), room, toKey('comet-1', say('two')), all),
    );
    const named = [say('one'), say('two'), say('all')];
    await vi.waitFor(() => expect(last(clients.named, 3).sort()).toEqual(named.toSorted()), eventually);
    const order = bodies(clients.named).filter((body) => body !== say('all'));
    expect(order.slice(-2)).toEqual(named.slice(0, 2));
    await vi.waitFor(() => expect(bodies(clients.member)).toContain(say('room')), eventually);
    await vi.waitFor(() => expect(last(clients.other, 1)).toEqual([say('all')]), eventually);
  });

  test('keeps what cannot be decoded as a dead letter, and goes on', async () => {
    const before = (await set.scan('DeadLettersTable')).length;
    await set.invoke('dispatch', eventOf('AAAA', null, toKey('comet-1', `${DELIVERY} after poison`)));
    await vi.waitFor(() => expect(last(clients.named, 1)).toEqual([`${DELIVERY} after poison`]), eventually);
    expect((await set.scan('DeadLettersTable')).length).toBe(before + 2);
  });

  test('parks what a stopped comet misses, and redelivers it in order once it is back', async () => {
    const two = comets[1] as ReferenceComet;
    const missed = [1, 2, 3].map((nth) => `${DELIVERY} missed ${nth}`);
    await two.stop();
    for (const body of missed) await set.invoke('dispatch', eventOf(toOther(body)));
    expect(await set.scan('BehindTable')).toHaveLength(1);
    await two.start();
    await vi.waitFor(() => expect(last(clients.other, 3)).toEqual(missed), eventually);
    await vi.waitFor(async () => expect(await set.scan('BehindTable')).toEqual([]), eventually);
    expect(await set.scan('ParkedTable')).toEqual([]);
  });
});

test('a token that is changed in its secret works without a deploy', async () => {
  const body = 'with the other token';
  const record = encodeV2({
    target: { type: 'push', comet: 'comet-1', keys: ['k1'] },
    operation: 1000,
    body: Buffer.from(body),
  });
  token = 'b-token';
  set.secrets.set(SECRET, token);
  await set.invoke('dispatch', eventOf(record.value.toString('base64')));
  await vi.waitFor(() => expect(bodies(clients.named)).toContain(body), eventually);
});

test('deliver has been called by Invoke, and nothing that was printed has a body, a key or the token', async () => {
  expect(await set.output('deliver')).toMatch(/RequestId/);
  const printed = await Promise.all(['dispatch', 'deliver', 'redeliver', 'mergeRooms'].map(set.output));
  expect(printed.join('')).toMatch(/"message":"batch"/);
  expect(printed.join('')).not.toMatch(/missed \d|bWlzc2Vk|"k1"|[ab]-token/);
});
