import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Need Java and Maven, or a Kafka: vitest.kafka.config.ts; a Go: vitest.go-rpc.config.ts, vitest.grpc-go.config.ts, vitest.gateways.config.ts; a Python: vitest.api.config.ts; all of it: vitest.lambda.config.ts; a Chromium: vitest.browser.config.ts.
    exclude: [
      ...configDefaults.exclude,
      'test/kafka-integration/**',
      'test/go-rpc/**',
      'test/grpc-go/**',
      'test/lambda-runtime/**',
      'test/moto/**',
      'test/comet-api/**',
      'test/gateways/**',
      'test/browser/**',
    ],
    // A process and a module graph a worker, not a file: a third less CPU.
    isolate: false,
    setupFiles: ['test/setup.ts'],
    // Much of the time is waiting: for processes, replies, deadlines. Vitest would leave one of two cores idle.
    maxWorkers: '100%',
    // What starts processes must end within it on a machine with a load of 12.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
