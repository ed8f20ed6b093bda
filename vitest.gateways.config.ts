import { defineConfig } from 'vitest/config';

/** Needs a Go. */
export default defineConfig({
  test: {
    include: ['test/gateways/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
