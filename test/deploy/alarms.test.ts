import { expect, test } from 'vitest';
import { completeAlarms } from '../../deploy/alarms.ts';
import { parametersOf } from './given.ts';

test.each([
  ['on', ['TriggerStoppedAlarm']],
  ['off', []],
])('with --param trigger=%s the alarms that watch the trigger are %o', (trigger, left) => {
  const resources = { TriggerStoppedAlarm: { Type: 'AWS::CloudWatch::Alarm', Properties: {} } };
  completeAlarms(resources, parametersOf({ trigger }));
  expect(Object.keys(resources)).toEqual(left);
});
