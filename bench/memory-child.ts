import { readFileSync } from 'node:fs';
import { handler } from '../functions/dispatch.ts';
import { CONTEXT } from './case.ts';

/** One event through the deployed `dispatch`: bundled, and run without type stripping, whose compiler takes memory too. */
const main = async (): Promise<void> => {
  const event: unknown = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
  await handler(event, CONTEXT);
  process.send?.(process.resourceUsage().maxRSS / 1024);
};

process.on('disconnect', () => process.exit());
void main();
