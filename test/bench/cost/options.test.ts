import { expect, test } from 'vitest';
import { readOptions } from '../../../bench/cost/options.ts';

test('say a set', () => {
  const args = [
    '--connections',
    '10000000',
    '--comets',
    '1000',
    '--all',
    '0.1',
    '--window',
    '0',
    '--push',
    '0',
  ];
  expect(readOptions([...args, '--delivery', 'inline'])).toMatchObject({
    connections: 10_000_000,
    comets: 1_000,
    push: 0,
    room: 190,
    all: 0.1,
    windowS: 0,
    delivery: 'inline',
  });
});

test('let a partition have one sandbox at most', () => {
  expect(readOptions(['--partitions', '2'])).toMatchObject({ sandboxes: 2 });
});

test.each([
  [['--connections', '10000001'], '--connections is above 10000000: 10000001'],
  [['--comets', '0'], '--comets is not a number above 0: 0'],
  [['--comets', '1.5'], '--comets is not a whole number: 1.5'],
  [['--push', 'many'], '--push is not a number above 0: many'],
  [['--window', ''], '--window is not a number above 0: '],
  [['--window', '301'], '--window is above 300: 301'],
  [['--delivery', 'mail'], '--delivery is neither invoke nor inline: mail'],
])('%j are refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
