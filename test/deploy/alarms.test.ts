import { expect, test } from 'vitest';
import { alarmActions, offsetLagThreshold } from '../../deploy/alarms.ts';

const UNSET = { topicArn: '', offsetLag: 10_000 };
const TOPIC = 'arn:aws-cn:sns:cn-north-1:210987654321:goim_job-alarms.fifo';

test('without a topic nobody is told', () => {
  expect(alarmActions(UNSET)).toEqual({});
});

test('a topic of any partition is told', () => {
  expect(alarmActions({ ...UNSET, topicArn: TOPIC })).toEqual({ AlarmActions: [TOPIC] });
});

test.each(['goim-alarms', 'arn:aws:sqs:us-east-1:210987654321:goim', `${TOPIC}:subscription`])(
  'what is no topic is refused: %s',
  (topicArn) => {
    expect(() => alarmActions({ ...UNSET, topicArn })).toThrow(
      '--param alarmTopicArn is not the ARN of an SNS topic',
    );
  },
);

test.each([1, '50000'])('an offset lag of %j is a number of records', (offsetLag) => {
  expect(offsetLagThreshold({ ...UNSET, offsetLag })).toEqual({ Threshold: Number(offsetLag) });
});

test.each(['', '0', '1.5', 'many'])('an offset lag of %j is refused', (offsetLag) => {
  expect(() => offsetLagThreshold({ ...UNSET, offsetLag })).toThrow(
    '--param offsetLagAlarm is not a whole number',
  );
});
