import { expect, onTestFinished, test } from 'vitest';
import { startSuccessors } from '../../deploy/successors.ts';
import { startInvokeServer } from '../../local/invoke-api/server.ts';

test('both owners of leases are started once, as events; one that cannot be is named', async () => {
  const started: { name: string; isEvent: boolean; payload: unknown }[] = [];
  const server = await startInvokeServer({
    isDead: () => false,
    take: ({ functionName }) => (functionName === 'lost' ? 'error' : undefined),
    run: async ({ functionName, isEvent, payload }) =>
      void started.push({ name: functionName, isEvent, payload }),
  });
  onTestFinished(server.close);
  const config = {
    endpoint: `${server.url}/deploy`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    maxAttempts: 1,
  };
  expect(await startSuccessors(config, ['redeliver', 'lost', 'mergeRooms'])).toEqual(['lost']);
  expect(started.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: 'mergeRooms', isEvent: true, payload: {} },
    { name: 'redeliver', isEvent: true, payload: {} },
  ]);
});
