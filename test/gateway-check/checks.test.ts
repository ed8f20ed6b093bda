import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKS } from '../../gateway-check/checks/all.ts';
import { openGoimClient } from '../../gateway-check/clients/goim.ts';
import { linesOf } from '../../gateway-check/report.ts';
import { type Result, runChecks } from '../../gateway-check/run.ts';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { faultByCheck } from './faults.ts';
import { startFaultyGateway } from './faulty-gateway.ts';

const token = 'secret';
/** How long a connection rests in the check of that; longer than a gateway keeps it that is to be found by it. */
const REST_MS = 100;
const LONG_REST_MS = 2_000;
const SHORT_IDLE_MS = 1_000;
const LONG_IDLE_MS = 60_000;

const resultsOf = async (url: string, clientUrl: string, restMs = REST_MS): Promise<Result[]> => {
  const options = { url, token, openClient: openGoimClient(clientUrl), hasOperations: true, restMs };
  const results: Result[] = [];
  for await (const result of runChecks(options)) results.push(result);
  return results;
};
const ids = (results: readonly Result[], status: Result['status']): string[] =>
  results.filter((result) => result.status === status).map(({ check }) => check.id);

const start = (): Promise<ReferenceComet> =>
  startReferenceComet({ id: 'c', host: '127.0.0.1', clientPort: 0, apiPort: 0, token: () => token });

describe('gateway-check', () => {
  let comet: ReferenceComet;
  beforeAll(async () => {
    comet = await start();
  });
  afterAll(() => comet.close());

  test('finds nothing in the reference comet', async () => {
    const results = await resultsOf(comet.apiUrl, comet.clientUrl);
    expect(ids(results, 'failed'), results.flatMap(linesOf).join('\n')).toEqual([]);
    expect(ids(results, 'skipped')).toEqual(['retry-after']);
  });

  test('has a broken gateway for each check', () => {
    expect(Object.keys(faultByCheck)).toEqual(CHECKS.map(({ id }) => id));
  });
});

describe('a gateway with one fault', () => {
  test.concurrent.each(Object.entries(faultByCheck))(
    'fails the check %s, and no other',
    async (id, makeFault) => {
      const comet = await start();
      const [restMs, idleMs] = id === 'rested' ? [LONG_REST_MS, SHORT_IDLE_MS] : [REST_MS, LONG_IDLE_MS];
      const gateway = await startFaultyGateway({ url: comet.apiUrl, fault: makeFault(), idleMs });
      const results = await resultsOf(gateway.url, comet.clientUrl, restMs);
      await gateway.close();
      await comet.close();
      expect(ids(results, 'failed'), results.flatMap(linesOf).join('\n')).toEqual([id]);
    },
  );
});
