import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFunctions, type Functions } from '../../../local/lambda/functions.ts';
import type { FunctionDefinition } from '../../../local/lambda/sandbox.ts';

/** Counts the invocations of its sandbox. */
const HANDLER = `
let count = 0;
const does = {
  echo: async (event, context) => ({ event, count, name: context.functionName, color: process.env.COLOR }),
  fail: async () => { throw Object.assign(new Error('said'), { name: 'CODE' }); },
  silent: async () => undefined,
  hang: () => new Promise(() => {}),
  crash: async () => { setImmediate(() => { throw new Error('nobody catches this'); }); await new Promise(() => {}); },
  crashLater: async () => { setTimeout(() => { throw new Error('nobody catches this'); }, 1); },
  left: async (event, context) => context.getRemainingTimeInMillis(),
};
exports.handler = (event, context) => { count += 1; return does[event.does](event, context); };`;

let folder: string;
let functions: Functions;
let definition: FunctionDefinition;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'goim-job-functions-'));
  writeFileSync(path.join(folder, 'handler.cjs'), HANDLER);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  const file = path.join(folder, 'handler.cjs');
  const environment = { COLOR: 'red' };
  definition = { file, functionName: 'set-dev-one', environment, timeoutMs: 60_000, memoryMb: 128 };
  functions = createFunctions(() => definition);
});
afterEach(() => functions.reload());

const call = async (what: string): Promise<unknown> =>
  JSON.parse(await functions.call('one', JSON.stringify({ does: what })));
const countOf = async (): Promise<unknown> => ((await call('echo')) as { count: number }).count;

describe('an invocation', () => {
  it('takes its event and answers as JSON, in the environment of its function', async () => {
    expect(await call('echo')).toEqual({
      event: { does: 'echo' },
      count: 1,
      name: 'set-dev-one',
      color: 'red',
    });
    expect(await call('silent')).toBeNull();
  });

  it('is told how much time is left', async () => {
    const left = await call('left');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  it('rejects with what its handler rejects with, and its sandbox goes on', async () => {
    await expect(call('fail')).rejects.toMatchObject({ name: 'CODE', message: 'said' });
    expect(await countOf()).toBe(2);
  });
});

describe('a sandbox', () => {
  it('keeps what its module keeps, and is used again', async () => {
    expect(await countOf()).toBe(1);
    expect(await countOf()).toBe(2);
  });

  it('has one invocation at a time: another one beside it gets its own', async () => {
    expect(await Promise.all([countOf(), countOf()])).toEqual([1, 1]);
  });

  it('ends when the time is over, and the next invocation begins anew', async () => {
    definition = { ...definition, timeoutMs: 300 };
    await expect(call('hang')).rejects.toMatchObject({
      name: 'Sandbox.Timedout',
      message: 'Task timed out after 0.30 seconds',
    });
    definition = { ...definition, timeoutMs: 60_000 };
    expect(await countOf()).toBe(1);
  });

  it('that crashes fails its invocation, and the next one begins anew', async () => {
    await expect(call('crash')).rejects.toThrow('nobody catches this');
    expect(await countOf()).toBe(1);
  });

  it('that crashes between two invocations takes no other one', async () => {
    await call('crashLater');
    await vi.waitFor(async () => expect(await countOf()).toBe(1), { timeout: 10_000 });
  });

  it('whose code cannot be loaded fails its invocation', async () => {
    definition = { ...definition, file: path.join(folder, 'nowhere.cjs') };
    await expect(call('echo')).rejects.toThrow('Cannot find module');
  });
});

describe('a reload', () => {
  it('gives up what runs, and the next invocation begins anew', async () => {
    expect(await countOf()).toBe(1);
    const given = expect(call('hang')).rejects.toThrow('the code has changed, so the call was given up');
    await functions.reload();
    await given;
    expect(await countOf()).toBe(1);
  });
});

it('a watcher hears of each invocation, and of what came of it', async () => {
  const heard: unknown[] = [];
  functions.watch({
    began: ({ functionKey, payload }) => heard.push([functionKey, JSON.parse(payload)]),
    ended: (_invocation, result) => heard.push(result),
  });
  await call('silent');
  await call('fail').catch(() => {});
  expect(heard).toEqual([['one', { does: 'silent' }], 'null', ['one', { does: 'fail' }], undefined]);
});
