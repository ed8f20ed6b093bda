import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFaultArguments } from '../../../local/commands/comet-arguments.ts';
import { readPushArguments } from '../../../local/commands/push-arguments.ts';
import { listenOn, shut } from '../../../local/listening.ts';
import { startTopicServer } from '../../../local/topic/server.ts';
import { createTopic } from '../../../local/topic/topic.ts';
import { pushMsgVector } from '../../vectors.ts';

const hex = (...args: string[]) => readPushArguments(args).record.value.toString('hex');

describe('push', () => {
  it("makes goim's records", () => {
    expect(hex('--room', 'live://1000', '--op', '1000', '{"test":1}')).toBe(pushMsgVector('ROOM').value);
    expect(hex('--comet', 'comet-1', '--keys', 'k1,k2', '{"test":1}')).toBe(pushMsgVector('PUSH').value);
    expect(hex('--all', '--speed', '500', '{"test":1}')).toBe(pushMsgVector('BROADCAST').value);
    const v1 = readPushArguments(['--format', 'v1', '--room', '1000', 'x']).record;
    expect(v1.value.toString()).toBe('{"op":"broadcast_room","roomid":1000,"msg":"eA==","ensure":true}');
  });

  it('asks where the local set was told to be', () => {
    expect(readPushArguments(['--all'])).toMatchObject({ topicPort: 3100, topic: undefined });
    expect(readPushArguments(['--all', '--port-base', '4100', '--topic', 't'])).toMatchObject({
      topicPort: 4100,
      topic: 't',
    });
  });

  it.each([
    [[], 'name one target'],
    [['--all', '--room', 'a'], 'name one target'],
    [['--comet', 'comet-1'], '--comet needs --keys'],
    [['--comet', 'comet-1', '--keys', 'a,,b'], '--comet needs --keys'],
    [['--keys', 'a'], '--comet is missing'],
    [['--room', ''], '--room is missing or empty'],
    [['--room', 'a', '--speed', '5'], '--speed goes with --all only'],
    [['--all', '--speed=-5'], '--speed is negative'],
    [['--all', '--op', 'x'], '--op is not a whole number of 32 bits: x'],
    [['--all', '--op', '2147483648'], '--op is not a whole number of 32 bits'],
    [['--all', 'one', 'two'], 'one body only: what is two?'],
    [['--all', '--format', 'v3'], '--format is v1 or v2, not v3'],
    [['--format', 'v1', '--room', 'live://1'], '--room of goim v1 is not a whole number'],
    [['--format', 'v1', '--comet', 'comet-1', '--keys', 'a'], '--comet of goim v1 is not a whole number'],
    [['--format', 'v1', '--room', '1', '--op', '7'], 'operation 5 always'],
    [['--format', 'v1', '--all', '--speed', '7'], 'have none'],
    [['--all', '--port-base', '80'], '--port-base is not a whole number from 1122'],
    [['--al'], "Unknown option '--al'"],
    [['--room'], 'argument missing'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readPushArguments(args)).toThrow(message);
  });
});

describe('comet', () => {
  it('names a fault and a comet', () => {
    const asked = { fault: 'stop', comet: 'comet-1', topicPort: 3100 };
    expect(readFaultArguments(['stop', 'comet-1'])).toEqual(asked);
  });

  it.each([
    [[], 'say stop, start, hang and the comet'],
    [['explode', 'comet-1'], 'say stop, start, hang and the comet'],
    [['stop'], 'name one comet'],
    [['stop', 'comet-1', 'comet-2'], 'name one comet'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readFaultArguments(args)).toThrow(message);
  });
});

describe('the commands', () => {
  const run = (script: string, ...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const file = path.join(import.meta.dirname, '../../../local/commands', script);
      execFile(process.execPath, [file, ...args], { timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  it('produce, and ask for faults', async () => {
    const done: string[] = [];
    const fault = (what: string) => async () => void done.push(what);
    const comet = { id: 'comet-1', stop: fault('stop'), start: fault('start'), hang: fault('hang') };
    const topic = createTopic({ name: 'goim-push-topic' });
    const server = await startTopicServer({ topic, comets: [comet], host: '127.0.0.1', port: 0 });
    const port = ['--port-base', new URL(server.url).port];
    try {
      const pushed = run('push.ts', '--comet', 'comet-1', '--keys', 'k1', ...port);
      expect(await pushed).toEqual({ code: 0, stdout: 'goim-push-topic partition 3 offset 0\n', stderr: '' });
      expect(await run('push.ts', '--all', '--topic', 'other', ...port)).toMatchObject({
        code: 1,
        stderr: 'Error: Topic not found.\n',
      });
      expect(await run('comet.ts', 'hang', 'comet-1', ...port)).toMatchObject({
        code: 0,
        stdout: 'comet-1: hang\n',
      });
      expect(done).toEqual(['hang']);
    } finally {
      await server.close();
    }
  });

  it('say in one line what to do when nothing listens or the arguments are wrong', async () => {
    const [unheard, wrong, help] = await Promise.all([
      run('push.ts', '--all', '--port-base', '1123'),
      run('comet.ts', 'explode'),
      run('push.ts', '--help'),
    ]);
    expect(unheard).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: .*npm start.*\n$/) });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Error: say stop.*--help.*\n$/) });
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('npm run push -- --room') });
  });

  it('take ports that fetch does not call', async () => {
    expect(await run('push.ts', '--all', '--port-base', '10080')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: nothing listens there: run npm start first.*\n$/),
    });
  });

  it('say that something else listens there', async () => {
    const other = createServer((_, response) => response.end('<html>'));
    const port = await listenOn(other, '127.0.0.1', 0);
    try {
      const { code, stderr } = await run('push.ts', '--all', '--port-base', `${port}`);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `Error: what listens at 127.0.0.1:${port} is not the local set\n`,
      });
    } finally {
      await shut(other);
    }
  });

  it('work the cost out the same each time', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => run('../../bench/cost/command.ts')));
    expect(one).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^together, a month +\$\d/m),
    });
    expect(one).toEqual(other);
  });

  const scripts = Object.entries<string>(JSON.parse(readFileSync('package.json', 'utf8')).scripts).flatMap(
    ([name, script]) => {
      const file = /^(?:exec )?node (?:--\S+ )*(?<file>\S+\.ts)$/.exec(script)?.groups?.['file'];
      return file === undefined ? [] : [{ name, file: path.relative('local/commands', file) }];
    },
  );

  it.each(scripts)(
    'npm run $name has help, and says a wrong option in one line',
    async ({ name, file }) => {
      const [help, wrong] = await Promise.all([run(file, '--help'), run(file, '--nope')]);
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toContain(name === 'start' ? 'npm start' : `npm run ${name}`);
      expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^Error: .*\n$/) });
    },
    60_000,
  );
});
