/** How a comet's ops of a batch get to it: `by-size` calls the comet for a delivery of at most `MAX_BLOCK_BYTES` and invokes for a larger one. */
export const WAYS = ['invoke', 'inline', 'by-size'] as const;
export type Way = (typeof WAYS)[number];
