import type { Parameters } from './parameters.ts';
import type { Resource } from './template.ts';

const complete = ({ Properties }: Resource, { alarmTopicArn, offsetLagAlarm }: Parameters): void => {
  if (alarmTopicArn !== undefined) {
    Properties['AlarmActions'] = [alarmTopicArn];
    Properties['OKActions'] = [alarmTopicArn];
  }
  if (Properties['MetricName'] === 'OffsetLag' && Properties['Statistic'] === 'Maximum')
    Properties['Threshold'] = offsetLagAlarm;
};

/** Whom the alarms notify when they ring and when they end, in place; one that watches the trigger goes with it. */
export const completeAlarms = (resources: Record<string, Resource>, parameters: Parameters): void => {
  if (!parameters.trigger) delete resources['TriggerStoppedAlarm'];
  for (const resource of Object.values(resources))
    if (resource.Type === 'AWS::CloudWatch::Alarm') complete(resource, parameters);
};
