import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { cometId } from '../events.ts';
import { nowMs } from './clock.ts';
import { type CometTally, createCometTally } from './comet-tally.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Reference comets in a process of their own: so many called over HTTP, then one a wire that is named, behind a proxy. */
export type CometState = 'stop' | 'hang' | 'start' | Exclude<keyof TcpProxy, 'port'>;
export type CometQuestion =
  | { readonly do: CometState; readonly comet: string }
  | { readonly do: 'report' | 'forget' | 'count' };

interface Open {
  readonly id: string;
  readonly address: string;
  readonly tally: CometTally;
  readonly states: Partial<Record<CometState, () => Promise<void>>>;
}

const start = (id: string, tally: CometTally): Promise<ReferenceComet> =>
  startReferenceComet({ id, host: '127.0.0.1', clientPort: 0, apiPort: 0, grpcPort: 0, onOp: tally.add });

const open = async (id: string): Promise<Open> => {
  const tally = createCometTally(id);
  const comet = await start(id, tally);
  const { stop, hang, start: begin } = comet;
  return { id, address: comet.apiUrl, tally, states: { stop, hang, start: begin } };
};

const openProxied = async (id: string, wire: string): Promise<Open> => {
  const tally = createCometTally(id);
  const { apiUrl, grpcUrl = '' } = await start(id, tally);
  const { port, ...states } = await startTcpProxy(Number(new URL(wire === 'grpc' ? grpcUrl : apiUrl).port));
  return { id, address: `${wire}://127.0.0.1:${port}`, tally, states };
};

const [count = '1', wires = ''] = process.argv.slice(2);
const plain = Array.from({ length: Number(count) }, (_, index) => open(cometId(index)));
const proxied = wires
  .split(',')
  .filter((wire) => wire !== '')
  .map((wire, index) => openProxied(cometId(Number(count) + index), wire));
const comets = await Promise.all([...plain, ...proxied]);

const change = async (id: string, state: CometState): Promise<number> => {
  const asked = comets.find((comet) => comet.id === id);
  if (state === 'start' || state === 'mend' || state === 'reset') asked?.tally.started();
  await asked?.states[state]?.();
  return nowMs();
};

const answer = async (question: CometQuestion): Promise<unknown> => {
  switch (question.do) {
    case 'report':
    case 'forget':
      return comets.map(({ tally }) => tally.report(question.do === 'forget'));
    case 'count':
      return comets.reduce((sum, { tally }) => sum + tally.count(), 0);
    default:
      return await change(question.comet, question.do);
  }
};

process.on('disconnect', () => process.exit());
process.on('message', async (question: CometQuestion) => {
  process.send?.(await answer(question));
});
process.send?.(Object.fromEntries(comets.map(({ id, address }) => [id, address])));
