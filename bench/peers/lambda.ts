import { encodeOutcomes } from '../../lib/domain/delivery-payload.ts';
import { DELIVERED } from '../../lib/domain/outcome.ts';
import { serve } from './serve.ts';

/** Lambda's Invoke API, with a `deliver` that delivers every op; the first argument is its delay in ms. */
await serve(
  (body) => {
    const { ops } = JSON.parse(body) as { ops: unknown[] };
    return JSON.stringify(encodeOutcomes(ops.map(() => DELIVERED)));
  },
  Number(process.argv[2] ?? 0),
);
