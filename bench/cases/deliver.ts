import { shell } from '../../functions/shell.ts';
import { openComet } from '../../lib/comet/open.ts';
import { createDeliver, createDeliverer } from '../../lib/deliver/deliver.ts';
import { encodeDelivery } from '../../lib/domain/delivery-payload.ts';
import { type Case, CONTEXT, expectCount, type MakeCases } from '../case.ts';
import { makeComets } from '../events.ts';
import { pushChunk } from '../ops.ts';

const DELIVERY_MS = 5_000;
const SIZES = [1, 100, 500, 1_000];

export const makeCases: MakeCases = (peers) => {
  const [comet] = makeComets(1, () => peers.comet);
  if (comet === undefined) return [];
  const handler = shell('deliver', (log) =>
    createDeliver(createDeliverer({ openComet: (opened) => openComet(opened), log })),
  );
  return SIZES.map((ops): Case => {
    const json = encodeDelivery(comet, DELIVERY_MS, pushChunk(ops)).toString();
    const run = async (): Promise<void> => {
      const reply = await handler(JSON.parse(json), CONTEXT);
      // Lambda's runtime writes the answer as JSON.
      expectCount('answered', JSON.stringify(reply).length > 0 ? reply.count : 0, ops);
      expectCount('undelivered', reply.undelivered.length, 0);
    };
    const title = `deliver: HTTP, ${ops.toLocaleString('en')} op${ops === 1 ? '' : 's'} a call`;
    return { id: `deliver-${ops}`, title, unit: 'op', units: ops, run };
  });
};
