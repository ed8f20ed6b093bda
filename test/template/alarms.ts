import { expect, test } from 'vitest';
import { MERGE_FLUSH_MS, REDELIVER_FLUSH_MS } from '../../lib/domain/limits.ts';
import { type Packaged, resourcesOf } from './package-service.ts';

const ofGoimJob = (name: string) => [
  { Name: 'service', Value: 'goim-job-dev' },
  { Name: 'function', Value: name },
];
const ofLambda = (name: string) => [{ Name: 'FunctionName', Value: { Ref: `${name}LambdaFunction` } }];
const ABOVE = 'GreaterThanThreshold';

/** The alarms of one template; `topic` is whom they notify, if anyone. */
export const testAlarms = (
  packaged: () => Packaged,
  functions: readonly string[],
  { offsetLag, topic }: { readonly offsetLag: number; readonly topic?: string },
): void => {
  const alarm = (name: string): Record<string, unknown> =>
    packaged().resources[`${name}Alarm`]?.Properties ?? {};
  test('are these', () => {
    expect(resourcesOf(packaged(), 'AWS::CloudWatch::Alarm').length).toBe(6 + 2 * functions.length);
  });

  test(`notify ${topic ?? 'nobody, and only show'}, when they ring and when they end`, () => {
    for (const { Properties } of resourcesOf(packaged(), 'AWS::CloudWatch::Alarm'))
      expect([Properties['AlarmActions'], Properties['OKActions']]).toEqual(
        topic === undefined ? [undefined, undefined] : [[topic], [topic]],
      );
  });

  test.each([
    ['Dispatch', 'dispatch'],
    ['Redeliver', 'redeliver'],
  ])('ring at any dead letter of %s', (name, dimension) => {
    expect(alarm(`${name}DeadLetters`)).toMatchObject({
      Namespace: 'GoimJob',
      MetricName: 'DeadLetters',
      Dimensions: ofGoimJob(dimension),
      Statistic: 'Sum',
      ComparisonOperator: ABOVE,
      Threshold: 0,
      TreatMissingData: 'notBreaching',
      Period: 60,
      EvaluationPeriods: 1,
    });
  });

  test('ring at a parked op of over 300 s', () => {
    expect(alarm('ParkedAge')).toMatchObject({
      Namespace: 'GoimJob',
      MetricName: 'ParkedAgeMs',
      Dimensions: ofGoimJob('redeliver'),
      Statistic: 'Maximum',
      ComparisonOperator: ABOVE,
      Threshold: 300_000,
      TreatMissingData: 'notBreaching',
      Period: 180,
      EvaluationPeriods: 1,
    });
    expect(Number(alarm('ParkedAge')['Period']) * 1000).toBeGreaterThan(2 * REDELIVER_FLUSH_MS);
  });

  test('ring at a merge that takes over 30 s, and at one that says nothing for longer than it is silent between two writings-out', () => {
    expect(alarm('MergeAge')).toMatchObject({
      Namespace: 'GoimJob',
      MetricName: 'MergeAgeMs',
      Dimensions: ofGoimJob('mergeRooms'),
      Statistic: 'Maximum',
      ComparisonOperator: ABOVE,
      Threshold: 30_000,
      TreatMissingData: 'breaching',
      Period: 180,
      EvaluationPeriods: 1,
    });
    expect(Number(alarm('MergeAge')['Period']) * 1000).toBeGreaterThan(2 * MERGE_FLUSH_MS);
  });

  test('ring at the offset lag that a parameter names', () => {
    expect(alarm('OffsetLag')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'OffsetLag',
      Dimensions: ofLambda('Dispatch'),
      Statistic: 'Maximum',
      ComparisonOperator: ABOVE,
      Threshold: offsetLag,
      TreatMissingData: 'missing',
      Period: 60,
      EvaluationPeriods: 5,
    });
  });

  test('ring at a topic that has not been read for 15 minutes', () => {
    expect(alarm('TriggerStopped')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'OffsetLag',
      Dimensions: ofLambda('Dispatch'),
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
      Period: 300,
      EvaluationPeriods: 3,
    });
  });

  test.each(functions)('ring at errors of %s, and at throttles that go on', (name) => {
    const ofFunction = {
      Namespace: 'AWS/Lambda',
      Dimensions: ofLambda(name),
      Statistic: 'Sum',
      ComparisonOperator: ABOVE,
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    };
    expect(alarm(`${name}Errors`)).toMatchObject({
      ...ofFunction,
      MetricName: 'Errors',
      Period: 300,
      EvaluationPeriods: 1,
    });
    expect(alarm(`${name}Throttles`)).toMatchObject({
      ...ofFunction,
      MetricName: 'Throttles',
      Period: 60,
      DatapointsToAlarm: 3,
      EvaluationPeriods: 5,
    });
  });
};
