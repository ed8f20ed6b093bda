import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { offsetOf } from '../../../lib/domain/parked-run.ts';
import { box, opLetter, pushOp, recordLetter, useLetterBox } from './letter-box.ts';

/** The command as a user runs it, against the stage in AWS that the environment names: here, the letter box. */

const COMMAND = path.join(import.meta.dirname, '../../../operate/dead-letters/command.ts');

useLetterBox();

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const start = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { child: ChildProcess; ended: Promise<Ended> } => {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: {
      ...process.env,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${box.ports.tables}`,
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${box.ports.lambda}`,
      ...env,
    },
    timeout: 60_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
};
const run = (...args: string[]): Promise<Ended> => start(args).ended;

const many = Array.from({ length: 130 }, (_, offset) => opLetter(pushOp(offset)));
const parked = async (): Promise<number[]> =>
  (await box.parked.read('comet-1', 't-0')).runs.flatMap(({ ops }) => ops.map(offsetOf));

describe('the command', () => {
  test('lists, shows, replays and purges', async () => {
    await box.write([opLetter(pushOp(1)), recordLetter(2), opLetter(pushOp(3), 'comet-2', 'gone')]);
    const [list, show] = await Promise.all([run('list'), run('show', 't/0/2#malformed')]);
    expect(list).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n\n(.*\n)*3\tin all\n$/) });
    expect(JSON.parse(show.stdout)).toMatchObject({ id: 't/0/2#malformed', kind: 'record' });
    expect(await run('replay', '--reason', 'malformed')).toEqual({
      code: 0,
      stdout: 'replayed t/0/2#malformed\n1 replayed, 0 died again, 0 failed\n',
      stderr: '',
    });
    expect(box.invoked.map(({ name }) => name)).toEqual(['goim-job-dev-dispatch']);
    expect(await run('purge', '--reason', 'gone', '--yes')).toMatchObject({
      code: 0,
      stdout: '1 deleted, 0 died again\n',
    });
    expect(await box.idsLeft()).toEqual(['t/0/1#comet-1#refused']);
  });

  test('killed after it parked and before it deleted, is run again and loses nothing', async () => {
    await box.write(many);
    let victim: ChildProcess | undefined;
    box.answer.now = async () => {
      victim?.kill('SIGKILL');
      return {};
    };
    const first = start(['replay']);
    victim = first.child;
    expect(await first.ended).toMatchObject({ code: null, stdout: '' });
    expect([(await box.idsLeft()).length, (await parked()).length]).toEqual([130, 100]);
    await box.settle();
    box.answer.now = async () => {
      await box.settle();
      return {};
    };
    expect(await run('replay')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('130 replayed, 0 died again, 0 failed'),
    });
    expect(new Set(await parked()).size).toBe(130);
    expect(await box.idsLeft()).toEqual([]);
  });

  test('ends at Ctrl-C after what is under way', async () => {
    await box.write(many);
    const { child, ended } = start(['replay']);
    box.answer.now = async () => {
      child.kill('SIGINT');
      return {};
    };
    const { code, stdout } = await ended;
    expect(code).toBe(1);
    expect(stdout.trim().split('\n').at(-1)).toBe(
      '0 replayed, 0 died again, 0 failed, 100 parked, 30 not tried',
    );
    expect(stdout.match(/^parked /gm)?.length).toBe(100);
    expect((await box.idsLeft()).length).toBe(30);
  });

  test('says in one line what to do when nothing listens or the arguments are wrong', async () => {
    const [unheard, wrong, reason, help] = await Promise.all([
      run('list', '--local', '--port-base', '1123'),
      run('replay', '--yes'),
      run('list', '--reason', 'nope'),
      run('--help'),
    ]);
    expect(unheard).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: .*npm start.*\n$/) });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Error: Unknown option.*\n$/) });
    expect(reason).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Error: --reason is wrong: nope; there are malformed, .*gone.*\n$/),
    });
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('no other command shows those') });
  });

  test.each([
    [
      'a stage that is not there',
      ['list', '--stage', 'no-such'],
      {},
      'there is no table goim-job-no-such-dead-letters: are --stage and the region right?',
    ],
    [
      'no region',
      ['list'],
      { AWS_REGION: undefined },
      'Region is missing: set AWS_REGION, or AWS_PROFILE to a profile that has one',
    ],
    [
      'no credentials',
      ['list'],
      { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
      'Could not load credentials from any providers: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    [
      'no such region',
      ['list'],
      { AWS_REGION: 'nowhere-1', AWS_ENDPOINT_URL_DYNAMODB: '' },
      'there is no such region, or no network',
    ],
  ])('says of %s what to do about it', async (_name, args, env, message) => {
    const alone = {
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    expect(await start(args, { ...alone, ...env }).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `Error: ${message}\n`,
    });
  });
});
