import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readListenArguments } from '../../../local/commands/listen-arguments.ts';
import { PATIENCE_MS, postOps, pushOp, roomOp, useComets } from '../comet/setup.ts';

const LISTEN = path.join(import.meta.dirname, '../../../local/commands/listen.ts');
const BEFORE_ENDING_MS = 60_000;

const { start } = useComets();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** The command as a terminal has it, with the lines that it has written. */
const listen = (...args: string[]) => {
  const child = spawn(process.execPath, [LISTEN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const messages: string[] = [];
  const notes: string[] = [];
  createInterface(child.stdout).on('line', (line) => messages.push(line));
  createInterface(child.stderr).on('line', (line) => notes.push(line));
  const noted = (note: RegExp) =>
    vi.waitFor(() => expect(notes).toContainEqual(expect.stringMatching(note)), BEFORE_ENDING_MS);
  const heard = (count: number) =>
    vi.waitFor(() => expect(messages).toHaveLength(count), BEFORE_ENDING_MS).then(() => messages);
  return { child, notes, noted, heard };
};

const bodyOf = (line = ''): string => line.split('\t').slice(2).join(' ');

describe('npm run listen', () => {
  it('prints what comes for a room and for a key, with the time, the delay and the operation', async () => {
    const comet = await start();
    const { noted, heard } = listen(
      ...['--url', comet.clientUrl, '--room', 'live://1', '--key', 'k1', '--accepts', '1000,1001'],
    );
    await noted(/^connected to ws:.* with key k1$/);
    const sentAt = Date.now();
    await postOps(comet, [
      roomOp('live://1', JSON.stringify({ sentAt })),
      pushOp(['k1'], 'of no time', 1001),
      pushOp(['k1'], 'not accepted', 1002),
      pushOp(['k1'], 'last', 1000),
    ]);
    const lines = await heard(3);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3}\t\d+ ms\t1000\t\{"sentAt":\d+\}$/);
    expect(lines[1]).toMatch(/^\S+\t-\t1001\tof no time$/);
    expect(bodyOf(lines[2])).toBe('1000 last');
  });

  it('listens to a comet of goim v1', async () => {
    const comet = await start({ id: '3', gorpcPort: 0 });
    const { noted, heard } = listen('--url', comet.clientUrl, '--format', 'v1', '--room', '7', '--key', '42');
    await noted(/^connected/);
    await postOps(comet, [roomOp('7', '{"n":1}'), roomOp('7', '{"n":2}')]);
    expect((await heard(2)).map(bodyOf)).toEqual([
      expect.stringContaining('{"n":1}'),
      expect.stringContaining('{"n":2}'),
    ]);
  });

  it('prints a body on one line that steers no terminal, and what is no text as hex', async () => {
    const comet = await start();
    const { noted, heard } = listen('--url', comet.clientUrl, '--key', 'k1');
    await noted(/^connected/);
    const op = pushOp(['k1'], '\u001b[2Jgone\r\nnext\tcell');
    await postOps(comet, [op, { ...op, id: 'binary', body: Buffer.from([0xff, 0x00]).toString('base64') }]);
    expect((await heard(2)).map(bodyOf)).toEqual([
      String.raw`1000 \u001b[2Jgone\u000d\u000anext\u0009cell`,
      '1000 hex ff00',
    ]);
  });

  it('waits for a comet that is not there yet, and connects anew to one that is back', async () => {
    const first = await start();
    const clientPort = Number(new URL(first.clientUrl).port);
    await first.close();
    const { noted, notes, heard } = listen('--url', first.clientUrl, '--room', 'live://1');
    await noted(/ECONNREFUSED.*; again in 500 ms$/);
    const second = await start({ clientPort });
    await noted(/^connected/);
    await second.close();
    await noted(/^the connection closed \(\d+.*\); again in \d+ ms$/);
    const third = await start({ clientPort });
    await vi.waitFor(
      () => expect(notes.filter((note) => note.startsWith('connected'))).toHaveLength(2),
      BEFORE_ENDING_MS,
    );
    await postOps(third, [roomOp('live://1', 'after all')]);
    expect((await heard(1)).map(bodyOf)).toEqual(['1000 after all']);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends at once, without an error, with %s', async (signal) => {
    const comet = await start();
    const { child, noted, notes } = listen('--url', comet.clientUrl);
    await noted(/^connected/);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(notes).toHaveLength(1);
    await vi.waitFor(() => expect(comet.connections()).toBe(0), PATIENCE_MS);
  });
});

describe('the arguments of npm run listen', () => {
  it.each([
    [[], { url: 'ws://127.0.0.1:3102/sub', version: 1, roomId: '', accepts: [1000] }],
    [['--comet', 'comet-2', '--port-base', '4100'], { url: 'ws://127.0.0.1:4202/sub', version: 1 }],
    [['--comet', '3', '--room', '7'], { url: 'ws://127.0.0.1:3302/sub', version: 0, roomId: '7' }],
    [['--url', 'wss://gw/sub', '--key', 'k'], { url: 'wss://gw/sub', version: 1, key: 'k' }],
    [['--url', 'ws://h:1/sub', '--format', 'v1', '--accepts', '1, -2'], { version: 0, accepts: [1, -2] }],
  ])('are read: %j', (args, target) => {
    expect(readListenArguments(args)).toMatchObject(target);
  });

  it.each([
    [['--comet', 'comet-9'], 'there is no comet comet-9 in npm start; another has --url'],
    [['--comet', 'comet-1', '--url', 'ws://h'], 'name one comet: --comet or --url'],
    [['--url', 'http://h'], '--url is not ws://host:port/path'],
    [['--url', 'nothing'], '--url is not ws://host:port/path'],
    [['--accepts', '1,'], '--accepts is not a list of operations: 1,'],
    [['--format', 'v3'], '--format is v1 or v2, not v3'],
    [['x'], 'x'],
  ])('say what is wrong with %j', (args, problem) => {
    expect(() => readListenArguments(args)).toThrow(problem);
  });
});
