import { defineConfig } from 'vitest/config';

/** Of one folder of lib/: the tests that mirror it. */
export default defineConfig({
  test: {
    include: (process.env['MUTATION_TESTS'] ?? '').split(','),
    isolate: false,
    setupFiles: ['test/setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
