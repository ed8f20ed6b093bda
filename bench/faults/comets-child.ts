import { startReferenceComet } from '../../local/comet/reference-comet.ts';
import { cometId } from '../events.ts';
import { nowMs } from './clock.ts';
import { createCometTally } from './comet-tally.ts';

/** Reference comets in a process of their own; the argument says how many. */
export type CometQuestion =
  | { readonly do: 'stop' | 'hang' | 'start'; readonly comet: string }
  | { readonly do: 'report' | 'forget' | 'count' };

const open = async (index: number) => {
  const id = cometId(index);
  const tally = createCometTally(id);
  const ports = { clientPort: 0, apiPort: 0 };
  return { tally, comet: await startReferenceComet({ id, host: '127.0.0.1', ...ports, onOp: tally.add }) };
};
const comets = await Promise.all(
  Array.from({ length: Number(process.argv[2] ?? 1) }, (_, index) => open(index)),
);

const answer = async (question: CometQuestion): Promise<unknown> => {
  switch (question.do) {
    case 'report':
    case 'forget':
      return comets.map(({ tally }) => tally.report(question.do === 'forget'));
    case 'count':
      return comets.reduce((sum, { tally }) => sum + tally.count(), 0);
    case 'stop':
    case 'hang':
    case 'start': {
      const asked = comets.find(({ comet }) => comet.id === question.comet);
      if (question.do === 'start') asked?.tally.started();
      await asked?.comet[question.do]();
      return nowMs();
    }
  }
};

process.on('disconnect', () => process.exit());
process.on('message', async (question: CometQuestion) => {
  process.send?.(await answer(question));
});
process.send?.(Object.fromEntries(comets.map(({ comet }) => [comet.id, comet.apiUrl])));
