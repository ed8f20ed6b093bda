import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Needs Java and Maven, or a Kafka: vitest.kafka.config.ts.
    exclude: [...configDefaults.exclude, 'test/kafka-integration/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
