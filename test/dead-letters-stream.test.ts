import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { opLetters } from '../lib/domain/dead-letter.ts';
import { MAX_PART_BYTES } from '../lib/domain/limits.ts';
import type { Op } from '../lib/domain/op.ts';
import { writesOf } from '../lib/store/dead-letter-item.ts';

/** The page's own function, on events as the stream makes them of our items. */

interface Answer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}
type Notify = (keys: string[], operation: number, body: Buffer) => Promise<void>;
type CreateHandler = (notify: Notify) => (event: { Records: unknown[] }) => Promise<Answer>;

const page = readFileSync('docs/dead-letters-stream.md', 'utf8');
const [, code = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
const { createHandler }: { createHandler: CreateHandler } = await import(
  `data:text/javascript,${encodeURIComponent(code)}`
);

const push = (offset: number): Op => ({
  id: `t/0/${offset}`,
  type: 'push',
  keys: ['k1', 'k2'],
  operation: 1000,
  body: Buffer.from(`body ${offset}`).toString('base64'),
  timestamp: 5,
});
/** Bytes are base64 in the JSON that Lambda gives. */
const recordOf = (offset: number) => {
  const [letter] = opLetters(push(offset), 'comet-1', { reason: 'gone' });
  if (letter === undefined) throw new Error('no letter');
  const { item } = writesOf(letter, 1).letter;
  const bytes = Buffer.from(item?.['original']?.B ?? []).toString('base64');
  const NewImage = { ...item, original: { B: bytes } };
  return { eventName: 'INSERT', dynamodb: { SequenceNumber: String(offset), NewImage } };
};

test('is handed the keys, the operation and the body of each push', async () => {
  const notified: unknown[] = [];
  const handler = createHandler(async (...args) => void notified.push(args));
  expect(await handler({ Records: [recordOf(1), recordOf(2)] })).toEqual({ batchItemFailures: [] });
  expect(notified).toEqual([
    [['k1', 'k2'], 1000, Buffer.from('body 1')],
    [['k1', 'k2'], 1000, Buffer.from('body 2')],
  ]);
});

test('gets again what it failed on, and nothing before it', async () => {
  const handler = createHandler((_keys, _operation, body) =>
    String(body) === 'body 2' ? Promise.reject(new Error('down')) : Promise.resolve(),
  );
  expect(await handler({ Records: [1, 2, 3].map(recordOf) })).toEqual({
    batchItemFailures: [{ itemIdentifier: '2' }],
  });
});

test('the page says how large an original may be in one item', () => {
  expect(page).toContain(`over ${MAX_PART_BYTES / 1024} KiB`);
});
