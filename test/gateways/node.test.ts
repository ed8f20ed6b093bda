import { expect, test } from 'vitest';
import { checkExample } from './example-gateway.ts';

test('the example in Node does what the comet API says', async () => {
  expect(await checkExample(process.execPath, 'examples/gateway-node/gateway.ts')).toEqual({
    failed: [],
    skipped: ['operation', 'refused', 'retry-after'],
  });
});
