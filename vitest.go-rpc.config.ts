import { defineConfig } from 'vitest/config';

/** Needs a Go. */
export default defineConfig({
  test: {
    include: ['test/go-rpc/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
