import { defineConfig } from 'vitest/config';

/** One file after the other: each has a broker and measures nothing while another one starts. */
export default defineConfig({
  test: {
    include: ['test/kafka-integration/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 400_000,
    fileParallelism: false,
  },
});
