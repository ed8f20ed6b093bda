import { defineConfig } from 'vitest/config';

const OPTIONS = { testTimeout: 120_000, hookTimeout: 600_000, fileParallelism: false };

/** Needs Go, Java and Maven, and Python to unpack; the first run builds AWS's emulator and runtime client. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...OPTIONS, name: 'packaged', include: ['test/lambda-runtime/**/*.test.ts'] } },
      { test: { ...OPTIONS, name: 'deployed to moto', include: ['test/moto/**/*.test.ts'] } },
      {
        test: {
          ...OPTIONS,
          name: 'on DynamoDB Local',
          globalSetup: 'test/dynamodb-local/global-setup.ts',
          include: [
            'test/{store,functions,redeliver,parking}/**/*.test.ts',
            'test/merge-rooms/dynamodb.test.ts',
            'test/operate/**/*.test.ts',
          ],
        },
      },
    ],
  },
});
