import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const guide = readFileSync('docs/gateway.md', 'utf8');
const gateway = readFileSync('examples/gateway-node/gateway.ts', 'utf8');

test('docs/gateway.md shows the code of the example in Node', () => {
  const blocks = [...guide.matchAll(/^ *```ts\n([\s\S]*?)^ *```$/gm)].map(([, code]) => code ?? '');
  expect(blocks.length).toBeGreaterThan(5);
  for (const code of blocks) expect(gateway).toContain(code);
});
