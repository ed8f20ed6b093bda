import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

interface Override {
  readonly includes: readonly string[];
  readonly linter: { readonly rules: { readonly style: { readonly noRestrictedImports?: unknown } } };
}

const { overrides } = JSON.parse(readFileSync('biome.json', 'utf8')) as { overrides: Override[] };

const ruled = overrides
  .filter(({ linter }) => typeof linter.rules.style.noRestrictedImports === 'object')
  .flatMap(({ includes }) => includes)
  .filter((glob) => glob.startsWith('lib/'));

const rooms = readdirSync('lib', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map(({ parentPath }) => parentPath.split(path.sep).join('/'));

test('each room of lib/ has one rule for what it may import, and each rule a room', () => {
  const globs = [...new Set(rooms)].map((room) => (room === 'lib' ? 'lib/*.ts' : `${room}/**`));
  expect(ruled.toSorted()).toEqual(globs.toSorted());
});
