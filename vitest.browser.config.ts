import { defineConfig } from 'vitest/config';

/** Needs a Chromium. One file after the other: what a page costs is measured. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    fileParallelism: false,
  },
});
