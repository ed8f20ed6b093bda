import { expect, test } from 'vitest';
import { readCheckArguments } from '../../gateway-check/arguments.ts';

const GATEWAY = 'http://127.0.0.1:4501/push';

test('the token is that of --token, or COMET_TOKEN', () => {
  const environment = { COMET_TOKEN: 'ours' };
  expect(readCheckArguments([GATEWAY], {}).options.token).toBe(undefined);
  expect(readCheckArguments([GATEWAY], environment).options.token).toBe('ours');
  expect(readCheckArguments([GATEWAY, '--token', 'other'], environment).options.token).toBe('other');
});

test('clients speak goim’s protocol, which has operations, unless their URL has a place for the key', () => {
  const read = (...clients: string[]) => readCheckArguments([GATEWAY, ...clients], {}).options;
  expect(read()).not.toHaveProperty('openClient');
  expect(read('--clients', 'ws://127.0.0.1:3102/sub')).toMatchObject({ hasOperations: true });
  expect(read('--clients', 'wss://gateway/?key={key}&room={room}')).toMatchObject({
    openClient: expect.any(Function),
    hasOperations: false,
  });
});

test.each([
  ['no gateway', [], 'the gateway is no http:// or https:// URL'],
  ['a gateway without a scheme', ['127.0.0.1:4501'], 'the gateway is no http:// or https:// URL'],
  ['two gateways', [GATEWAY, GATEWAY], 'name one gateway'],
  ['clients of HTTP', [GATEWAY, '--clients', 'http://b'], '--clients is no ws:// or wss:// URL'],
  ['an unknown option', [GATEWAY, '--fast'], "Unknown option '--fast'"],
])('%s is a mistake', (_name, args, problem) => {
  expect(() => readCheckArguments(args, {})).toThrow(problem);
});
