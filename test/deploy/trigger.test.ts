import { expect, test } from 'vitest';
import { triggerProperties } from '../../deploy/trigger.ts';

const UNSET = { windowS: '', minimumPollers: '', maximumPollers: '' };

test('what is unset is left to Lambda', () => {
  expect(triggerProperties(UNSET)).toEqual({});
});

test.each(['0', 0, '300'])('a window of %j is said, 0 too', (windowS) => {
  expect(triggerProperties({ ...UNSET, windowS })).toEqual({
    MaximumBatchingWindowInSeconds: Number(windowS),
  });
});

test('one bound of the pollers is enough, and with them retries are endless', () => {
  expect(triggerProperties({ ...UNSET, maximumPollers: '3' })).toEqual({
    ProvisionedPollerConfig: { MaximumPollers: 3 },
    MaximumRetryAttempts: -1,
  });
});

test.each([
  ['windowS', '301', 'from 0 to 300'],
  ['windowS', 'soon', 'from 0 to 300'],
  ['windowS', '-1', 'from 0 to 300'],
  ['minimumPollers', '0', 'from 1 to 200'],
  ['maximumPollers', '2.5', 'from 1 to 2000'],
])('--param %s=%s is refused', (name, value, range) => {
  expect(() => triggerProperties({ ...UNSET, [name]: value })).toThrow(
    `${name} is not a whole number ${range}`,
  );
});
