import { isSet, whole } from './parameter.ts';

/** What `--param` says of the alarms; without a topic they only show. */
export interface AlarmParameters {
  readonly topicArn: unknown;
  readonly offsetLag: unknown;
}

const TOPIC = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+$/;

/** What every alarm gets. Throws an error that names the parameter. */
export const alarmActions = ({ topicArn }: AlarmParameters): { AlarmActions?: readonly string[] } => {
  if (!isSet(topicArn)) return {};
  const topic = String(topicArn);
  if (!TOPIC.test(topic)) throw new Error('--param alarmTopicArn is not the ARN of an SNS topic');
  return { AlarmActions: [topic] };
};

/** The threshold of the offset lag, records. Throws an error that names the parameter. */
export const offsetLagThreshold = ({ offsetLag }: AlarmParameters): { Threshold: number } => ({
  Threshold: whole('offsetLagAlarm', offsetLag, 1, 1_000_000_000),
});
