import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Says so when its parent has gone. */
const CHILD = `process.stdin.on('end', () => console.error('left alone')).resume(); console.log('is there')`;
const PARENT = `
const { exit } = await import('./local/set/exit.ts');
const { spawn } = await import('node:child_process');
const child = spawn(process.execPath, ['-e', ${JSON.stringify(CHILD)}], { stdio: ['pipe', 'pipe', 'inherit'] });
child.stdout.once('data', () => exit(3));`;

it('a process ends with its code, and its children before it', async () => {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', PARENT]);
  await expect(run).rejects.toMatchObject({ code: 3, stderr: '' });
});
