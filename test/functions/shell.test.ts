import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { shell } from '../../functions/shell.ts';
import { ServiceError } from '../../lib/errors.ts';

const context = { getRemainingTimeInMillis: () => 5_000 };
let written: string;

beforeEach(() => {
  written = '';
  const keep = (text: unknown): boolean => {
    written += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation(keep);
});
afterEach(() => vi.restoreAllMocks());

describe('a function', () => {
  test('is built once, on its first call', async () => {
    let built = 0;
    const handler = shell('deliver', () => {
      built += 1;
      return async (event: number) => event + 1;
    });
    expect([await handler(1, context), await handler(2, context), built]).toEqual([2, 3, 1]);
  });

  test('whose cold start failed is built again on the next call', async () => {
    let attempts = 0;
    const handler = shell('deliver', () => {
      attempts += 1;
      if (attempts === 1) throw new ServiceError('CONFIG_INVALID', 'X is required', { retryable: true });
      return async () => 'built';
    });
    await expect(handler({}, context)).rejects.toMatchObject({ name: 'CONFIG_INVALID' });
    expect(await handler({}, context)).toBe('built');
  });

  test('knows when it will be stopped', async () => {
    const before = Date.now();
    const handler = shell('deliver', () => async (_event: unknown, endsAt) => endsAt);
    expect(await handler({}, context)).toBeGreaterThanOrEqual(before + 5_000);
  });

  test('writes its metrics with the service and the function as their only dimensions', async () => {
    const handler = shell('dispatch', (log) => async () => log.metric('Records', 3));
    await handler({}, context);
    const emf = JSON.parse(written);
    expect(emf).toMatchObject({ Records: 3, service: 'goim-job', function: 'dispatch' });
    expect(emf._aws.CloudWatchMetrics[0]).toMatchObject({
      Namespace: 'GoimJob',
      Dimensions: [['service', 'function']],
    });
  });
});

describe('a failure', () => {
  const secret = 'c2VjcmV0IGJvZHk=';
  const foreign = Object.assign(new Error(`parse failed at ${secret}`), { config: { data: secret } });
  const failing = (error: unknown) => shell('deliver', () => () => Promise.reject(error));

  test.each([
    ['of ours', new ServiceError('COMET_STATUS', 'no', { retryable: true, cause: foreign }), 'COMET_STATUS'],
    ['unforeseen', foreign, 'UNEXPECTED'],
    ['that is not an error', secret, 'UNEXPECTED'],
  ])('%s shows its code and nothing foreign, in the log and to Lambda', async (_name, error, code) => {
    const thrown = await failing(error)({}, context).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(thrown).toMatchObject({ name: code });
    const shown = `${written}${inspect(thrown, { depth: 10, showHidden: true })}${JSON.stringify(thrown)}`;
    expect(shown).not.toContain(secret);
  });

  test('is told once: in full in the log, by its code to Lambda, which prints that', async () => {
    const invalid = new ServiceError('CONFIG_INVALID', 'X is required', { retryable: true });
    const thrown: Error = await failing(invalid)({}, context).catch((error: Error) => error);
    const line = JSON.parse(written);
    expect(line).toMatchObject({ level: 'ERROR', code: 'CONFIG_INVALID', message: 'X is required' });
    expect(`${thrown.name}: ${thrown.message}`).toBe('CONFIG_INVALID: the log line of this code says more');
  });

  test('unforeseen says where it happened', async () => {
    await expect(failing(foreign)({}, context)).rejects.toThrow('Unexpected Error');
    expect(written).toContain('shell.test.ts');
  });
});
