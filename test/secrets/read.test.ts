import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSecretFile } from '../../lib/secrets/file.ts';
import { openSecretsManager } from '../../lib/secrets/secrets-manager.ts';
import { type FakeSecretsManager, startSecretsManager } from './fake-secrets-manager.ts';

const never = new AbortController().signal;
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:comets-AbCdEf';

describe('a secret of Secrets Manager', () => {
  let manager: FakeSecretsManager;
  beforeEach(async () => {
    manager = await startSecretsManager();
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
    });
  });
  afterEach(() => manager.close());

  test('is what its current version says, each time', async () => {
    const read = openSecretsManager(ARN);
    manager.texts.set(ARN, 'one');
    expect(await read(never)).toBe('one');
    manager.texts.set(ARN, 'two');
    expect([await read(never), manager.asked]).toEqual(['two', [ARN, ARN]]);
  });

  test('that cannot be read is named, with why', async () => {
    await expect(openSecretsManager(ARN)(never)).rejects.toMatchObject({
      code: 'SECRET_FAILED',
      message: 'A secret could not be read: ResourceNotFoundException',
      details: { secret: ARN, name: 'ResourceNotFoundException' },
    });
  });

  test('is given up when the time for it is over', async () => {
    manager.isSilent = true;
    const over = new AbortController();
    const read = expect(openSecretsManager(ARN)(over.signal)).rejects.toMatchObject({
      message: 'A secret could not be read: AbortError',
    });
    setTimeout(() => over.abort(), 10);
    await read;
  });
});

describe('a secret in a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'goim-job-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is what stands there, each time', async () => {
    const file = path.join(folder, 'token');
    const read = openSecretFile(file);
    writeFileSync(file, 'one');
    expect(await read(never)).toBe('one');
    writeFileSync(file, 'two');
    expect(await read(never)).toBe('two');
  });

  test('that is not there is named, with why', async () => {
    const file = path.join(folder, 'nothing');
    await expect(openSecretFile(file)(never)).rejects.toMatchObject({
      code: 'SECRET_FAILED',
      message: 'A secret could not be read: ENOENT',
      details: { secret: file },
    });
  });
});
