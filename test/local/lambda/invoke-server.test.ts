import { expect, it, onTestFinished } from 'vitest';
import { type InvokeRequest, startInvokeServer } from '../../../local/lambda/invoke-server.ts';

const start = async (run: (request: InvokeRequest) => Promise<string | undefined>) => {
  const server = await startInvokeServer({
    isDead: () => false,
    take: ({ functionName }) => (functionName === 'known' ? undefined : 'unknown'),
    run,
  });
  onTestFinished(server.close);
  return (name: string, body: string, headers = {}) =>
    fetch(`${server.url}/2015-03-31/functions/${name}/invocations`, { method: 'POST', body, headers });
};

it('passes the event on as it came, and answers with what the function answers', async () => {
  const invoke = await start(async ({ payload }) => `{"of":${payload}}`);
  const response = await invoke('known', '{"a": 1}');
  expect([response.status, await response.text()]).toEqual([200, '{"of":{"a": 1}}']);
});

it('says that a function failed, and of one that is not there that', async () => {
  const invoke = await start(() => Promise.reject(Object.assign(new Error('said'), { name: 'CODE' })));
  const failed = await invoke('known', '{}');
  expect(failed.headers.get('x-amz-function-error')).toBe('Unhandled');
  expect(await failed.json()).toEqual({ errorType: 'CODE', errorMessage: 'said' });
  const unknown = await invoke('nowhere', '{}');
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException');
});

it('takes an Event in before it has run, and nobody hears of its failure', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  const invoke = await start(() => promise);
  expect((await invoke('known', '{}', { 'x-amz-invocation-type': 'Event' })).status).toBe(202);
  reject(new Error('failed'));
});

it('refuses more than Lambda takes', async () => {
  const invoke = await start(async () => 'null');
  expect((await invoke('known', `"${'a'.repeat(6_291_454)}"`)).status).toBe(200);
  expect((await invoke('known', `"${'a'.repeat(6_291_455)}"`)).status).toBe(413);
});
