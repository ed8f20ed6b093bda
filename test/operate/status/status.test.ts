import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOMS_FRESH_MS } from '../../../lib/domain/limits.ts';
import { createLeasesTable } from '../../../lib/store/leases.ts';
import { readFleet } from '../../../operate/status/fleet.ts';
import { readLetters } from '../../../operate/status/letters.ts';
import { readParked } from '../../../operate/status/parked.ts';
import { readRoom, readRooms } from '../../../operate/status/rooms.ts';
import { openStatusTables, type StatusTables } from '../../../operate/status/tables.ts';
import { type ConsoleRig, letterOf, opOf, startConsoleRig } from '../../console/rig.ts';

let rig: ConsoleRig;
let tables: StatusTables;

const name = (what: string): string => `goim-job-dev-${what}`;
const lease = (leaseName: string) => ({
  name: leaseName,
  owner: 'me',
  fingerprint: '',
  until: 2 ** 40,
  endsAt: 2 ** 40,
});

beforeEach(async () => {
  rig = await startConsoleRig();
  tables = openStatusTables({ db: rig.db, name, close: () => {} });
});
afterEach(() => rig.close());

describe('the fleet', () => {
  it('of a set that has never merged is empty and not current', async () => {
    expect(await readFleet(tables, Date.now())).toMatchObject({ isCurrent: false, comets: [] });
  });

  it('says of each comet whether it has left, is fresh, and what it is behind on', async () => {
    const address = ['http://10.0.0.1:3108'];
    await rig.putFleet([
      { id: 'comet-10', addresses: address },
      { id: 'comet-9', addresses: address, leftAt: 1 },
    ]);
    await rig.park('comet-9', [opOf(401)]);
    await rig.park('comet-9', [opOf(400)]);
    await createLeasesTable(rig.db, name('leases')).acquire(lease('merge-rooms'), 0);
    const status = await readFleet(tables, Date.now());
    expect(status).toMatchObject({ isCurrent: true, merging: { owner: 'me' } });
    expect(status.comets.map(({ id, isFresh, behind, leftAt }) => ({ id, isFresh, behind, leftAt }))).toEqual(
      [
        { id: 'comet-9', isFresh: false, behind: ['goim-push-topic-0', 'goim-push-topic-1'], leftAt: 1 },
        { id: 'comet-10', isFresh: true, behind: [], leftAt: undefined },
      ],
    );
  });

  it('of which no merge has said anything lately has nobody fresh', async () => {
    await rig.putFleet([{ id: 'comet-1', addresses: ['http://10.0.0.1:3108'] }]);
    const { isCurrent, comets } = await readFleet(tables, Date.now() + ROOMS_FRESH_MS + 60_000);
    expect([isCurrent, comets[0]?.isFresh]).toEqual([false, false]);
  });
});

describe('what is parked', () => {
  it('is counted by queue, with its oldest and who redelivers', async () => {
    await rig.park('comet-1', [opOf(400), opOf(404)], 1_000);
    await rig.park('comet-1', [opOf(408)], 500);
    await createLeasesTable(rig.db, name('leases')).acquire(lease('redeliver#comet-1'), 0);
    const { queues, left } = await readParked(tables);
    expect(left).toBe(0);
    expect(queues).toMatchObject([
      { comet: 'comet-1', parkedThrough: 408, ops: 3, more: false, oldestAt: 500, owner: { owner: 'me' } },
    ]);
  });

  it('is not whole where a queue has more than is read of it', async () => {
    const body = 'x'.repeat(250_000);
    for (let run = 0; run < 20; run++) await rig.park('comet-1', [opOf(400 + run * 4, body)]);
    const { queues } = await readParked(tables);
    expect(queues).toMatchObject([{ more: true }]);
    expect(queues[0]?.ops).toBeLessThan(20);
  });
});

describe('the rooms', () => {
  it('are counted, by comet too, and those on most comets come first', async () => {
    await rig.putRooms({ a: ['1'], b: ['1', '2'], c: ['2'] });
    expect(await readRooms(tables)).toEqual({
      rooms: 3,
      largest: [
        { room: 'b', comets: ['1', '2'] },
        { room: 'a', comets: ['1'] },
        { room: 'c', comets: ['2'] },
      ],
      roomsByComet: { '1': 2, '2': 2 },
    });
    expect(await readRoom(tables, 'b')).toEqual({ room: 'b', comets: ['1', '2'] });
    expect(await readRoom(tables, 'none')).toEqual({ room: 'none', comets: [] });
  });
});

describe('the dead letters', () => {
  it('are counted by reason, newest first', async () => {
    await rig.putLetters([letterOf(opOf(4), 'comet-1', 'slow')], 1_000);
    await rig.putLetters([letterOf(opOf(8)), letterOf(opOf(12))], 2_000);
    const { letters, ...status } = await readLetters(tables);
    expect(status).toEqual({ countByReason: { slow: 1, refused: 2 }, isAll: true, broken: 0 });
    expect(letters.at(-1)).toMatchObject({ reason: 'slow', offset: 4 });
  });
});

describe('the command', () => {
  const COMMAND = 'operate/status/command.ts';
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [COMMAND, ...args], { env: process.env });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ]);
    return { code, stdout, stderr };
  };

  it('says a line a comet, a queue and a reason', async () => {
    await rig.putFleet([
      { id: 'comet-1', addresses: ['http://10.0.0.1:3108'] },
      { id: 'comet-2\n', addresses: ['grpc://10.0.0.2:3109'], leftAt: Date.now() - 60_500 },
    ]);
    await rig.putRooms({ a: ['comet-1'], b: ['comet-1'] });
    await rig.park('comet-1', [opOf(400), opOf(404)], Date.now() - 120_500);
    await rig.putLetters([letterOf(opOf(8)), letterOf(opOf(12), 'comet-1', 'slow')]);
    const { code, stdout, stderr } = await run('--stage', 'dev', '--rooms');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/merged \ds/, 'merged 0s').split('\n')).toEqual([
      'fleet: 1 live, 1 fresh, merged 0s ago, merging: nobody',
      'comet-1\tlive, fresh\tbehind on 1\t2 rooms\thttp://10.0.0.1:3108',
      'comet-2\\u000a\tleft 1m ago\t-\t0 rooms\tgrpc://10.0.0.2:3109',
      '',
      'rooms:',
      '2',
      '',
      'parked:',
      'comet-1\tgoim-push-topic-0\t2 ops\tsince 2m\tthrough 400\tnobody redelivers',
      '',
      'dead letters:',
      '1\trefused',
      '1\tslow',
      '',
      "lag: not known: OffsetLag on the stage's dashboard, or with KAFKA_BROKERS, KAFKA_TOPIC and KAFKA_GROUP",
      '',
    ]);
  });

  it('says who works by what code and configuration', async () => {
    await rig.putFleet([{ id: 'comet-1', addresses: ['http://10.0.0.1:3108'] }]);
    const leases = createLeasesTable(rig.db, name('leases'));
    await leases.acquire({ ...lease('merge-rooms'), fingerprint: '0123456789abcdef' }, 0);
    expect((await run()).stdout).toContain('merging: me (01234567)\n');
  });

  it('says each of a thousand comets, which are several pages of the table', async () => {
    const comets = Array.from({ length: 1_000 }, (_, index) => ({
      id: `comet-${index}`,
      addresses: Array.from({ length: 8 }, (_, port) => `http://${'host.'.repeat(30)}example:${port}`),
    }));
    await rig.putFleet(comets);
    const { fleet } = JSON.parse((await run('--json')).stdout);
    expect(fleet.comets.map(({ id }: { id: string }) => id)).toEqual(comets.map(({ id }) => id));
  });

  it('says the same as JSON, and reads no rooms unless it is asked to', async () => {
    await rig.putFleet([{ id: 'comet-1', addresses: ['http://10.0.0.1:3108'] }]);
    const { code, stdout } = await run('--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      fleet: { isCurrent: true, comets: [{ id: 'comet-1', isFresh: true }] },
      lag: { unknown: expect.stringContaining('KAFKA_BROKERS') },
      parked: { queues: [], left: 0 },
      letters: { countByReason: {}, isAll: true, broken: 0 },
    });
    expect(JSON.parse(stdout)).not.toHaveProperty('rooms');
  });

  it('says in one line what is wrong', async () => {
    expect(await run('--nope')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Error: .*--nope.*\n$/),
    });
    expect(await run('--stage', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: there is no table goim-job-none-[\w-]+: .*\n$/),
    });
  });
});
