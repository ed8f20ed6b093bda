import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import vectors from '../vectors/gob/vectors.json' with { type: 'json' };

test('the gob vectors are what their program writes', () => {
  const written = execFileSync('go', ['run', 'test/vectors/gob/main.go'], { encoding: 'utf8' });
  expect(JSON.parse(written)).toEqual(vectors);
});
