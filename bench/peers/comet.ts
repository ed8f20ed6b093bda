import { serve } from './serve.ts';

/** A comet that takes every op; the first argument is its delay in ms. */
await serve(
  (body) => {
    const { ops } = JSON.parse(body) as { ops: unknown[] };
    return JSON.stringify({ done: ops.length });
  },
  Number(process.argv[2] ?? 0),
);
