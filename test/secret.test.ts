import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SECRET_AGAIN_MS, SECRET_CALL_MS } from '../lib/domain/limits.ts';
import type { ServiceError } from '../lib/errors.ts';
import { createSecret, type ReadSecret, type Secret, secretFailed } from '../lib/secret.ts';

const never = new AbortController().signal;

let now: number;
let reads: number;
let read: ReadSecret;
let failures: ServiceError[];
let secret: Secret<string>;

beforeEach(() => {
  now = 1_000_000;
  reads = 0;
  failures = [];
  read = async () => 'one';
  const options = { parse: (text: string) => `<${text}>`, now: () => now };
  const counted: ReadSecret = (signal) => {
    reads += 1;
    return read(signal);
  };
  secret = createSecret({ ...options, read: counted, onFailure: (failure) => failures.push(failure) });
});
afterEach(() => vi.useRealTimers());

test('a secret is read when its value is needed, and then kept', async () => {
  expect(reads).toBe(0);
  expect([await secret.value(never), await secret.value(never), reads]).toEqual(['<one>', '<one>', 1]);
});

test('white space around it is not a part of it', async () => {
  read = async () => ' one\n';
  expect(await secret.value(never)).toBe('<one>');
});

test('all who ask at once share one read', async () => {
  const gate = Promise.withResolvers<string>();
  read = () => gate.promise;
  const asked = Promise.all([secret.value(never), secret.value(never)]);
  await turn();
  gate.resolve('one');
  expect([await asked, reads]).toEqual([['<one>', '<one>'], 1]);
  read = async () => 'two';
  now += SECRET_AGAIN_MS;
  const again = ['<one>', '<one>'].map((refused) => secret.valueAfter(refused, never));
  expect([await Promise.all(again), reads]).toEqual([['<two>', '<two>'], 2]);
});

test('a value that was refused is read again at most each 5 s', async () => {
  const refused = await secret.value(never);
  read = async () => 'two';
  now += SECRET_AGAIN_MS - 1;
  expect([await secret.valueAfter(refused, never), reads]).toEqual(['<one>', 1]);
  now += 1;
  expect([await secret.valueAfter(refused, never), reads]).toEqual(['<two>', 2]);
  expect(await secret.value(never)).toBe('<two>');
});

test('who was refused with an older value gets the newer one without a read', async () => {
  const refused = await secret.value(never);
  read = async () => 'two';
  now += SECRET_AGAIN_MS;
  await secret.valueAfter(refused, never);
  now += SECRET_AGAIN_MS;
  expect([await secret.valueAfter(refused, never), reads]).toEqual(['<two>', 2]);
});

test('the last good value stays while it cannot be read, and that is said', async () => {
  const refused = await secret.value(never);
  read = async () => Promise.reject(secretFailed('could not be read: gone'));
  now += SECRET_AGAIN_MS;
  expect(await secret.valueAfter(refused, never)).toBe('<one>');
  expect(failures.map(({ message }) => message)).toEqual(['A secret could not be read: gone']);
  expect(await secret.value(never)).toBe('<one>');
});

test('one that was never read fails, at once for 5 s and then by another read', async () => {
  read = async () => Promise.reject(secretFailed('could not be read: denied'));
  const failure = { code: 'SECRET_FAILED', message: 'A secret could not be read: denied', retryable: true };
  await expect(secret.value(never)).rejects.toMatchObject(failure);
  await expect(secret.value(never)).rejects.toMatchObject(failure);
  expect(reads).toBe(1);
  read = async () => 'one';
  now += SECRET_AGAIN_MS;
  expect(await secret.value(never)).toBe('<one>');
});

test('a failure that goes on is said once, and again when it comes back or is another', async () => {
  const said = () => failures.map(({ message }) => message.replace('A secret ', ''));
  const readAgain = async (next: ReadSecret): Promise<void> => {
    read = next;
    now += SECRET_AGAIN_MS;
    await secret.valueAfter(await secret.value(never).catch(() => ''), never);
    await secret.value(never).catch(() => {});
  };
  const fails = (why: string) => async () => Promise.reject(secretFailed(why));
  await readAgain(fails('is gone'));
  await readAgain(fails('is gone'));
  expect(said()).toEqual(['is gone']);
  await readAgain(fails('is denied'));
  await readAgain(async () => 'one');
  await readAgain(fails('is denied'));
  expect(said()).toEqual(['is gone', 'is denied', 'is denied']);
});

test('what is read has a deadline', async () => {
  vi.useFakeTimers();
  read = (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(secretFailed('could not be read: late')));
    });
  const failed = expect(secret.value(never)).rejects.toMatchObject({ code: 'SECRET_FAILED' });
  await vi.advanceTimersByTimeAsync(2 * SECRET_CALL_MS);
  await failed;
});

test('nobody waits for it longer than they have, and what comes later is kept', async () => {
  const gate = Promise.withResolvers<string>();
  read = () => gate.promise;
  const mine = new AbortController();
  const asked = secret.value(mine.signal);
  mine.abort();
  await expect(asked).rejects.toMatchObject({ message: 'A secret was not read in time' });
  gate.resolve('one');
  expect([await secret.value(never), reads]).toEqual(['<one>', 1]);
});

test('a foreign failure leaves nothing of what it says', async () => {
  read = async () => Promise.reject(new Error('the value is hunter2'));
  await expect(secret.value(never)).rejects.toThrow();
  expect(
    JSON.stringify(failures.map(({ message, details, cause }) => [message, details, cause])),
  ).not.toContain('hunter2');
});
