import { shell } from '../functions/shell.ts';
import { openScope } from '../lib/comet/calls/scope.ts';
import { openGorpcCalls } from '../lib/comet/gorpc/call.ts';
import { targetRequest } from '../lib/comet/gorpc/message.ts';
import { openComet } from '../lib/comet/open.ts';
import { createDeliver, createDeliverer } from '../lib/deliver/deliver.ts';
import { cut, encodeOp } from '../lib/domain/batch.ts';
import { encodeDelivery } from '../lib/domain/delivery-payload.ts';
import { COMET_CALL_MS, DELIVERY_MS, MAX_COMET_ROOMS, MAX_REPLY_BYTES } from '../lib/domain/limits.ts';
import type { Op } from '../lib/domain/op.ts';
import { positiveWhole, readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { buildGoPeer } from '../test/go-rpc/go-peer.ts';
import type { Aim } from './aims.ts';
import { type Case, CONTEXT, expectCount } from './case.ts';
import { startChild } from './child.ts';
import { measureGorpcBundle } from './gorpc-bundle.ts';
import type { FirstList } from './gorpc-rooms-child.ts';
import { type Row, rowById, rowOf } from './row.ts';
import { tableOf } from './table.ts';

const RECORDS = 500;
const ROOMS = 100;
const GO_CALLS = 100_000;
const SAMPLE_MS = 1_000;
const FIRST_LISTS = 3;
const BODY = Buffer.from(`{"text":"${'x'.repeat(89)}"}`).toString('base64');

const USAGE = `npm run bench:go-rpc -- [--rounds N]
CPU time of goim v1's RPC beside Go's own net/rpc client, which needs a \`go\`; what each row means stands in bench/README.md.
  --rounds N  samples of a row (9)`;

const op = (
  offset: number,
  target: { type: 'push'; keys: string[] } | { type: 'room'; room: string },
): Op => ({
  id: `t/0/${offset}`,
  ...target,
  operation: 5,
  body: BODY,
  timestamp: 0,
});
/** Of one batch; keys and rooms are not those of the batches before it, whose pace would make it wait. */
const pushesOf = (batch: number): Op[] =>
  Array.from({ length: RECORDS }, (_, offset) => op(offset, { type: 'push', keys: [`${batch}${offset}_1`] }));
const roomsOf = (batch: number): Op[] =>
  Array.from({ length: RECORDS }, (_, offset) =>
    op(offset, { type: 'room', room: `${batch}${offset % ROOMS}` }),
  );
const BATCHES = Array.from({ length: 100 }, (_, batch) => 1_000 + batch);

/** What a call costs without the rules of a delivery: all begun at once, 64 in flight. */
const bareCalls = (url: string): Case => {
  const calls = openGorpcCalls(new URL(url), { callMs: COMET_CALL_MS });
  const body = Buffer.from(BODY, 'base64');
  const pushes = pushesOf(0);
  const run = async (): Promise<void> => {
    const scope = openScope(new AbortController().signal);
    const push = (one: Op, index: number) =>
      calls.unary(() => targetRequest([{ op: one, index, body }]), MAX_REPLY_BYTES, scope);
    const replies = await Promise.all(pushes.map(push));
    expectCount('failed', replies.filter(({ error }) => error !== '').length, 0);
    scope.close();
  };
  return { id: 'bare', title: 'our bare client, MPushMsg, 64 in flight', unit: 'call', units: RECORDS, run };
};

const deliverCases = (url: string): Case[] => {
  const comet = { id: '1', addresses: [url] };
  const handler = shell('deliver', (log) =>
    createDeliver(createDeliverer({ openComet: (opened) => openComet(opened), log })),
  );
  const deliver = (id: string, title: string, opsOf: (batch: number) => Op[]): Case => {
    const payloads = BATCHES.map((batch) => {
      const [chunk] = cut(opsOf(batch).map(encodeOp), RECORDS, Number.POSITIVE_INFINITY);
      if (chunk === undefined) throw new Error('no ops');
      return encodeDelivery(comet, DELIVERY_MS, chunk).toString();
    });
    let next = 0;
    const run = async (): Promise<void> => {
      const json = payloads[next++ % payloads.length] ?? '';
      const reply = await handler(JSON.parse(json), CONTEXT);
      expectCount('answered', reply.count, RECORDS);
      expectCount('undelivered', reply.undelivered.length, 0);
    };
    return { id, title, unit: 'record', units: RECORDS, run };
  };
  return [
    deliver('push', `deliver, ${RECORDS} PUSH to as many keys, 64 a call`, pushesOf),
    deliver('room', `deliver, ${RECORDS} ROOM of ${ROOMS} rooms, 0.2 calls each`, roomsOf),
  ];
};

const roomsCase = (url: string, id: string, title: string): Case => {
  const comet = openComet({ id: '1', addresses: [url] });
  const run = async (): Promise<void> => {
    expectCount('rooms', (await comet.rooms(new AbortController().signal)).size, MAX_COMET_ROOMS);
  };
  return { id, title, unit: 'list', units: 1, run };
};

/** Of fresh processes, before this one is large: a child's `maxRSS` begins with that of its parent. */
const firstLists = async (variant: string, url: string): Promise<Row[]> => {
  const read: FirstList[] = [];
  for (let run = 0; run < FIRST_LISTS; run += 1) {
    const script = new URL('./gorpc-rooms-child.ts', import.meta.url);
    const child = await startChild<FirstList>(script, { args: [url] });
    expectCount('rooms', child.ready.rooms, MAX_COMET_ROOMS);
    read.push(child.ready);
    await child.stop();
  }
  const cpu = read.map(({ cpuUs }) => cpuUs);
  const peak = read.map(({ peakMiB }) => peakMiB);
  return [
    rowOf(`first-${variant}`, `Rooms, a million ids as a ${variant}, the first of a process`, 'µs/list', cpu),
    rowOf(`memory-${variant}`, 'the same: its peak memory, less what was there before', 'MiB', peak),
  ];
};

/** CPU µs a unit, of this process. */
const sample = async ({ run, units }: Case): Promise<number> => {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let runs = 0;
  while (performance.now() - startedAt < SAMPLE_MS) {
    await run();
    runs += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (runs * units);
};

const aimsOf = (rows: readonly Row[]): Aim[] => {
  const ratio = (id: string): number => rowById(rows, id).median / rowById(rows, 'go').median;
  const worst = (what: string): number =>
    Math.max(rowById(rows, `${what}-set`).median, rowById(rows, `${what}-list`).median);
  const aim = (title: string, value: number, limit: number, unit: string) => ({
    title: `${title} ≤ ${limit}${unit}`,
    value,
    limit,
    unit,
    pass: value <= limit,
  });
  return [
    aim("a bare call / Go's", ratio('bare'), 0.6, ' ×'),
    aim("a PUSH record / Go's call", ratio('push'), 0.2, ' ×'),
    aim('Rooms, a million ids, unchanged, the worse variant', worst('rooms') / 1_000, 150, ' ms'),
    aim('Rooms, a million ids, the first, the worse variant', worst('first') / 1_000, 150, ' ms'),
    aim('Rooms, a million ids, the first: peak memory', worst('memory'), 128, ' MiB'),
    aim("what it adds to deliver's bundle, minified", rowById(rows, 'bundle-minified').median, 15, ' kB'),
  ];
};

const measureAll = async (rounds: number): Promise<void> => {
  const peer = buildGoPeer();
  const comet = await peer.serve();
  const [list, set] = await Promise.all(
    ['list', 'set'].map((variant) => peer.serve('-variant', variant, '-rooms', `${MAX_COMET_ROOMS}`)),
  );
  const firsts = [
    ...(await firstLists('set', `gorpc://${set?.address}`)),
    ...(await firstLists('list', `gorpc://${list?.address}`)),
  ];
  const url = `gorpc://${comet.address}`;
  const calling = [bareCalls(url), ...deliverCases(url)];
  /** Later: what they keep in memory would cost the others time. */
  const listing = [
    roomsCase(`gorpc://${set?.address}`, 'rooms-set', 'Rooms, a million ids as a set, unchanged'),
    roomsCase(
      `gorpc://${list?.address}`,
      'rooms-list',
      'Rooms, a million ids as a list, each twice, unchanged',
    ),
  ];
  const cases = [...calling, ...listing];
  const valuesById = new Map<string, number[]>([
    ['go', []],
    ...cases.map(({ id }) => [id, []] as [string, number[]]),
  ]);
  const measure = async (group: readonly Case[]): Promise<void> => {
    for (const one of group) valuesById.get(one.id)?.push(await sample(one));
  };
  for (const one of calling) for (let turn = 0; turn < 5; turn += 1) await sample(one);
  for (let round = 0; round < rounds; round += 1) {
    const { cpuUs } = (await peer.run('load', '-address', comet.address, '-calls', `${GO_CALLS}`)) as {
      cpuUs: number;
    };
    valuesById.get('go')?.push(cpuUs);
    await measure(calling);
  }
  for (const one of listing) await sample(one);
  for (let round = 0; round < rounds; round += 1) await measure(listing);
  const rows: Row[] = [
    rowOf('go', "Go's own net/rpc client, MPushMsg, 64 in flight", 'µs/call', valuesById.get('go') ?? []),
    ...cases.map(({ id, title, unit }) => rowOf(id, title, `µs/${unit}`, valuesById.get(id) ?? [])),
    ...firsts,
    ...(await measureGorpcBundle()),
  ];
  console.log(tableOf(rows, aimsOf(rows)));
  await Promise.all([comet, list, set].map((one) => one?.close()));
  peer.close();
  process.exit();
};

await runCommand(USAGE, (args) => {
  const { values } = readArguments(args, { rounds: { type: 'string', default: '9' } });
  return measureAll(positiveWhole('--rounds', values.rounds));
});
