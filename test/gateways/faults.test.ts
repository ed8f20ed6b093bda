import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../gateway-check/checks/all.ts';
import { openGoimClient } from '../../gateway-check/clients/goim.ts';
import { linesOf } from '../../gateway-check/report.ts';
import { type Result, runChecks } from '../../gateway-check/run.ts';
import { startReferenceComet } from '../../local/comet/reference-comet.ts';
import { DEADLINES } from './deadlines.ts';
import { faultyByCheck } from './faults.ts';
import { type FaultyGateway, startFaultyGateway } from './faulty-gateway.ts';
import { otherWays } from './other-ways.ts';

const token = 'secret';
const REST_MS = 100;
/** Longer than the gateway keeps a connection that is to be found by it. */
const LONG_REST_MS = 2_000;
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

const start = () =>
  startReferenceComet({
    id: 'c',
    host: '127.0.0.1',
    clientPort: 0,
    apiPort: 0,
    token: () => token,
    maxRequestBytes: MAX_REQUEST_BYTES,
  });

const resultsOf = async (url: string, clientUrl: string, restMs = REST_MS): Promise<Result[]> => {
  const waits = { ...DEADLINES, restMs };
  const options = { url, token, openClient: openGoimClient(clientUrl), hasOperations: true, waits };
  const results: Result[] = [];
  for await (const result of runChecks(options)) results.push(result);
  return results;
};
const ids = (results: readonly Result[], status: Result['status']): string[] =>
  results.filter((result) => result.status === status).map(({ check }) => check.id);

/** What is found of a gateway before the reference comet. */
const resultsBefore = async (gateway: FaultyGateway, restMs?: number): Promise<Result[]> => {
  const comet = await start();
  const { url, close } = await startFaultyGateway(comet.apiUrl, gateway);
  const results = await resultsOf(url, comet.clientUrl, restMs);
  await close();
  await comet.close();
  return results;
};

describe('gateway-check', () => {
  test('has a broken gateway for each check', () => {
    expect(Object.keys(faultyByCheck).toSorted()).toEqual(CHECKS.map(({ id }) => id).toSorted());
  });

  test.concurrent.each(otherWays)('finds nothing in a gateway that $does', async ({ makeFault, skipped }) => {
    const results = await resultsBefore({ fault: makeFault() });
    expect(ids(results, 'failed'), results.flatMap(linesOf).join('\n')).toEqual([]);
    expect(ids(results, 'skipped')).toEqual(skipped);
  });
});

describe('a gateway with one fault', () => {
  test.concurrent.each(Object.entries(faultyByCheck))(
    'fails the check %s, and no other',
    async (id, makeGateway) => {
      const results = await resultsBefore(makeGateway(), id === 'rested' ? LONG_REST_MS : REST_MS);
      expect(ids(results, 'failed'), results.flatMap(linesOf).join('\n')).toEqual([id]);
    },
  );
});
