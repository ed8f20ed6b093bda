import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobAnswer } from '../../console/answers.ts';
import { policyOf } from '../../console/policy.ts';
import { type ConsoleRig, letterOf, opOf, startConsoleRig } from './rig.ts';

let rig: ConsoleRig;
let asked: Set<string>;

beforeEach(async () => {
  rig = await startConsoleRig({ about: { name: 'dev', isLocal: false, canChange: true } });
  await rig.putRooms({ 'live://1': ['comet-1'] });
  await rig.park('comet-1', [opOf(400)]);
  await rig.putLetters([letterOf(opOf(4), 'comet-2'), letterOf(opOf(8)), recordLetter]);
  asked = new Set();
  rig.db.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { TableName, RequestItems = {} } = args.input as {
          TableName?: string;
          RequestItems?: object;
        };
        for (const table of [TableName, ...Object.keys(RequestItems)])
          if (table !== undefined) asked.add(`dynamodb:${commandName?.replace('Command', '')} ${table}`);
        return next(args);
      },
    { step: 'initialize', priority: 'low' },
  );
});
afterEach(() => rig.close());

const recordLetter = {
  id: 'goim-push-topic/0/12#malformed',
  kind: 'record',
  reason: 'value-empty',
  topic: 'goim-push-topic',
  partition: 0,
  offset: 12,
  timestamp: 1,
  original: '{"value":null}',
} as const;

/** `action table-or-function`. */
const allowedBy = (canChange: boolean): string[] =>
  policyOf('dev', canChange)
    .Statement.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) =>
        [Resource].flat().map((arn) => `${action} ${arn.replace(/^arn:aws:.*(\/|function:)/, '')}`),
      ),
    )
    .toSorted();

const readAll = async () => {
  for (const path of ['fleet', 'rooms', 'rooms/one?room=x', 'parked', 'letters', 'letters/one?id=x'])
    await rig.ask(path);
};

const change = async (kind: 'replay' | 'purge', id: string) => {
  expect((await rig.ask('letters/job', { kind, ids: [id], dryRun: false })).status).toBe(202);
  await vi.waitFor(async () => expect((await rig.ask<JobAnswer>('letters/job')).answer.state).toBe('done'));
};

describe('the policy', () => {
  it('allows each request that reading makes, and no other', async () => {
    await readAll();
    expect([...asked].toSorted()).toEqual(allowedBy(false));
  });

  it('allows each request that replays and purges make too, and no other', async () => {
    await readAll();
    await change('replay', letterOf(opOf(4), 'comet-2').id);
    await change('replay', recordLetter.id);
    await change('purge', letterOf(opOf(8)).id);
    const invoked = rig.invoked.map((name) => `lambda:InvokeFunction ${name}`);
    expect([...asked, ...new Set(invoked)].toSorted()).toEqual(allowedBy(true));
  });
});
