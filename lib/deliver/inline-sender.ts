import type { Chunk } from '../domain/batch.ts';
import type { Comet } from '../domain/fleet.ts';
import type { Deliverer } from './deliver.ts';

/** Sends chunks from `dispatch` itself, which holds all of each until it is answered. */
export const createInlineSender = (deliverer: Deliverer) => ({
  send: (comet: Comet, { ops }: Chunk, { timeoutMs }: { readonly timeoutMs: number }) =>
    deliverer.deliver(
      comet,
      ops.map(({ op }) => op),
      timeoutMs,
    ),
  heldBytes: ({ bytes }: Chunk): number => bytes,
});
