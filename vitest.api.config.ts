import { defineConfig } from 'vitest/config';

/** Needs a Python 3 that can make virtual environments, and PyPI at first. */
export default defineConfig({
  test: {
    include: ['test/comet-api/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
