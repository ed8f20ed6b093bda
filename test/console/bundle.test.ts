import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundlePage } from '../../console/server/bundle.ts';

const MAX_BYTES = 200_000;

test('the page has the packages that it is known to need, and nothing of the server', async () => {
  const { inputs } = await bundlePage();
  const packageOf = (input: string) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
  const packages = new Set(inputs.map(packageOf).filter((name) => name !== undefined));
  expect([...packages].toSorted()).toEqual(['@preact/signals', '@preact/signals-core', 'preact', 'uplot']);
  const own = inputs.filter((input) => packageOf(input) === undefined);
  expect(own.filter((input) => !input.startsWith('console/page/'))).toEqual([]);
});

test('the page is loaded within 200 kB, compressed, and asks nobody else for anything', async () => {
  const { script, style } = await bundlePage();
  expect(gzipSync(script).length + gzipSync(style).length).toBeLessThan(MAX_BYTES);
  expect(`${script}${style}`.match(/(?:https?:)?\/\/(?!www\.w3\.org\/)[\w-]+\.[\w.]+/g) ?? []).toEqual([]);
});
