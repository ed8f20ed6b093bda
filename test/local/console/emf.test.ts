import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../../lib/log.ts';
import { readEmf, takeEmf } from '../../../local/console/emf.ts';
import { createFlow } from '../../../local/console/flow.ts';

afterEach(() => vi.unstubAllEnvs());

/** What a function writes of these metrics. */
const written = (): string => {
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  const lines: string[] = [];
  const console = vi
    .spyOn(globalThis.console, 'log')
    .mockImplementation((line) => void lines.push(`${line}\n`));
  const log = createLog('dispatch');
  log.metric('Records', 3);
  log.metric('RecordAgeMs', 20);
  log.metric('RecordAgeMs', 40);
  log.flush();
  console.mockRestore();
  return lines.join('');
};

describe('a function’s metrics', () => {
  it('are read from the line that it writes', () => {
    expect(readEmf(written())).toEqual([
      { name: 'Records', values: [3] },
      { name: 'RecordAgeMs', values: [20, 40] },
    ]);
  });

  it.each(['', '{"level":"WARN"}', '{"_aws":{', '{"_aws":{"CloudWatchMetrics":[{"Namespace":"other"}]}}'])(
    'are in no other line: %s',
    (line) => {
      expect(readEmf(line)).toBeUndefined();
    },
  );

  it('are taken out of what is written, and all else stays', async () => {
    const stream = new PassThrough();
    const taken: string[] = [];
    takeEmf(stream as never, (metrics) => taken.push(...metrics.map(({ name }) => name)));
    stream.write(`before\n${written()}after\n`);
    stream.write(Buffer.from('bytes\n'));
    stream.end();
    expect(await text(stream)).toBe('before\nafter\nbytes\n');
    expect(taken).toEqual(['Records', 'RecordAgeMs']);
  });
});

describe('the flow', () => {
  it('adds up counts and keeps the longest time of each second that is over, for 15 minutes', () => {
    let now = 1_000_000;
    const flow = createFlow(() => now);
    flow.add([{ name: 'Records', values: [3] }]);
    flow.add([
      { name: 'Records', values: [4] },
      { name: 'RecordAgeMs', values: [20, 40] },
    ]);
    expect(flow.since(0)).toEqual([]);
    now += 1_000;
    flow.add([{ name: 'RecordAgeMs', values: [7] }]);
    expect(flow.since(0)).toEqual([{ second: 1000, valueByMetric: { Records: 7, RecordAgeMs: 40 } }]);
    expect(flow.since(1000)).toEqual([]);
    now += 900_000;
    flow.add([{ name: 'Records', values: [1] }]);
    now += 1_000;
    expect(flow.since(0).map(({ second }) => second)).toEqual([1001, 1901]);
  });
});
