import { defineConfig } from 'vitest/config';

/** Needs a Go, and its module proxy. */
export default defineConfig({
  test: {
    include: ['test/grpc-go/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
