import { serve } from './serve.ts';

/** A comet that takes every op at once. */
await serve((body) => {
  const { ops } = JSON.parse(body) as { ops: unknown[] };
  return JSON.stringify({ done: ops.length });
});
