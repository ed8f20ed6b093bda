import { startChild } from '../child.ts';
import type { CometReport } from '../faults/comet-tally.ts';
import type { CometQuestion } from '../faults/comets-child.ts';
import { awsEnvironment } from '../peers.ts';
import type { Account } from './dispatch-child.ts';
import { WAYS, type Way } from './way.ts';

interface Address {
  readonly address: string;
}

/** A `dispatch` for each way, one `deliver` and the comets, each in a process of its own. */
export interface Rig {
  dispatch(way: Way, event: unknown): Promise<void>;
  /** Of that `dispatch`, with the CPU time of `deliver` added. */
  account(way: Way): Promise<Account>;
  comets<Answer>(question: CometQuestion): Promise<Answer>;
  /** Of each comet since the last time. */
  takeReports(): Promise<CometReport[]>;
  close(): Promise<void>;
}

export const openRig = async (cometCount: number): Promise<Rig> => {
  const gateway = await startChild<Record<string, string>>(
    new URL('../faults/comets-child.ts', import.meta.url),
    { args: [`${cometCount}`] },
  );
  const comets = Object.entries(gateway.ready).map(([id, address]) => ({ id, addresses: [address] }));
  const deliver = await startChild<Address>(new URL('./deliver-child.ts', import.meta.url), {
    // All that it says is that the comet hangs.
    env: { POWERTOOLS_LOG_LEVEL: 'ERROR' },
  });
  const env = awsEnvironment({ lambda: deliver.ready.address, dynamodb: '' });
  const startDispatch = (way: Way) =>
    startChild<Address>(new URL('./dispatch-child.ts', import.meta.url), {
      args: [way, JSON.stringify(comets)],
      env,
    });
  const [invoke, inline, bySize] = await Promise.all(WAYS.map(startDispatch));
  if (!invoke || !inline || !bySize) throw new Error('a dispatch is missing');
  const byWay = { invoke, inline, 'by-size': bySize };
  return {
    dispatch: async (way, event) => {
      const url = `${byWay[way].ready.address}/2015-03-31/functions/dispatch/invocations`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(event) });
      await response.text();
      if (!response.ok || response.headers.has('x-amz-function-error')) throw new Error('dispatch failed');
    },
    account: async (way) => {
      const own = await byWay[way].ask<Account>({});
      return { ...own, cpuUs: own.cpuUs + (await deliver.ask<number>({})) };
    },
    comets: (question) => gateway.ask(question),
    takeReports: () => gateway.ask<CometReport[]>({ do: 'forget' }),
    close: async () => {
      await Promise.all([invoke, inline, bySize, deliver, gateway].map((child) => child.stop()));
    },
  };
};
