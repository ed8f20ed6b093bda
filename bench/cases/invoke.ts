import { createInvokeSender } from '../../lib/lambda/send.ts';
import { type Case, expectCount, type MakeCases } from '../case.ts';
import { makeComets } from '../events.ts';
import { pushChunk } from '../ops.ts';

const SIZES = [1, 500];
const LIMITS = { timeoutMs: 5_000, startBy: Number.POSITIVE_INFINITY };

export const makeCases: MakeCases = () => {
  const [comet] = makeComets(1, (id) => `http://${id}.internal:3108`);
  if (comet === undefined) return [];
  const { send } = createInvokeSender({
    functionName: 'goim-job-dev-deliver',
    onRetry: () => expectCount('retries', 1, 0),
  });
  return SIZES.map((ops): Case => {
    const chunk = pushChunk(ops);
    const run = async (): Promise<void> => {
      const outcomes = await send(comet, chunk, LIMITS);
      const delivered = outcomes.filter(({ status }) => status === 'delivered');
      expectCount('delivered', delivered.length, ops);
    };
    const title = `Invoke of deliver with ${ops} op${ops === 1 ? '' : 's'}`;
    return { id: `invoke-${ops}`, title, unit: 'Invoke', units: 1, run };
  });
};
