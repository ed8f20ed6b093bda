import { afterAll, vi } from 'vitest';

/** Test files share their worker processes: what one changes of its process must not meet the next. */
const before = { ...process.env };

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});
