import { expect, test } from 'vitest';
import { openGoimClient } from '../../gateway-check/clients/goim.ts';
import { linesOf } from '../../gateway-check/report.ts';
import { type Result, runChecks } from '../../gateway-check/run.ts';
import { startReferenceComet } from '../../local/comet/reference-comet.ts';
import { DEADLINES } from '../gateways/deadlines.ts';

const token = 'secret';
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

test('gateway-check finds nothing in the reference comet', async () => {
  const comet = await startReferenceComet({
    id: 'c',
    host: '127.0.0.1',
    clientPort: 0,
    apiPort: 0,
    token: () => token,
    maxRequestBytes: MAX_REQUEST_BYTES,
  });
  const openClient = openGoimClient(comet.clientUrl);
  const waits = { ...DEADLINES, restMs: 100 };
  const results: Result[] = [];
  const options = { url: comet.apiUrl, token, openClient, hasOperations: true, waits };
  for await (const result of runChecks(options)) results.push(result);
  await comet.close();
  const idsOf = (status: Result['status']) =>
    results.filter((result) => result.status === status).map(({ check }) => check.id);
  expect(idsOf('failed'), results.flatMap(linesOf).join('\n')).toEqual([]);
  expect(idsOf('skipped')).toEqual(['refused', 'retry-after']);
});
