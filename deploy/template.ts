import { encryptWithKey, keyStatements } from './key.ts';
import type { Parameters } from './parameters.ts';
import { triggerResources } from './trigger.ts';
import { triggerStatements } from './trigger-access.ts';

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  DependsOn?: readonly string[];
}

export interface Template {
  readonly Resources: Record<string, Resource>;
}

/** An old owner and an old waiter may hold two. */
const MERGES_AT_ONCE = 3;

const completeFunction = (resource: Resource, { subnetIds, securityGroupIds }: Parameters): void => {
  resource.Properties['VpcConfig'] = { SubnetIds: subnetIds, SecurityGroupIds: securityGroupIds };
  // `Role` refers to the role already; saying it twice is a finding of cfn-lint.
  resource.DependsOn = resource.DependsOn?.filter((name) => !name.endsWith('Role')) ?? [];
};

const completeAlarm = ({ Properties }: Resource, { alarmTopicArn, offsetLagAlarm }: Parameters): void => {
  if (alarmTopicArn !== undefined) Properties['AlarmActions'] = [alarmTopicArn];
  if (Properties['MetricName'] === 'OffsetLag') Properties['Threshold'] = offsetLagAlarm;
};

interface Policy {
  readonly PolicyDocument: { readonly Statement: Statement[] };
}

const statementsOf = ({ Properties }: Resource): Statement[] => {
  const [policy] = Properties['Policies'] as [Policy];
  return policy.PolicyDocument.Statement;
};

/** With `DELIVERY=inline` nothing invokes `deliver`. */
const deliverStatements = ({ Properties }: Resource): Statement[] => {
  const { Variables } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, string> };
  return Variables?.['DELIVERY'] === 'inline'
    ? []
    : [
        {
          Effect: 'Allow',
          Action: ['lambda:InvokeFunction'],
          Resource: { 'Fn::GetAtt': ['DeliverLambdaFunction', 'Arn'] },
        },
      ];
};

const completeResource = (resource: Resource, parameters: Parameters): void => {
  encryptWithKey(resource, parameters);
  if (resource.Type === 'AWS::Lambda::Function') completeFunction(resource, parameters);
  if (resource.Type === 'AWS::CloudWatch::Alarm') completeAlarm(resource, parameters);
  if (resource.Type === 'AWS::IAM::Role') statementsOf(resource).push(...keyStatements(parameters));
};

/** Completes the compiled template, in place, with what depends on parameters. */
export const completeTemplate = ({ Resources }: Template, parameters: Parameters): void => {
  const { DispatchRole, DispatchLambdaFunction, MergeRoomsLambdaFunction } = Resources;
  if (DispatchRole === undefined || DispatchLambdaFunction === undefined)
    throw new Error('serverless.yml has no dispatch with a role');
  Object.assign(Resources, triggerResources(parameters));
  statementsOf(DispatchRole).push(
    ...triggerStatements(parameters),
    ...deliverStatements(DispatchLambdaFunction),
  );
  for (const resource of Object.values(Resources)) completeResource(resource, parameters);
  if (parameters.reservedConcurrency && MergeRoomsLambdaFunction !== undefined)
    MergeRoomsLambdaFunction.Properties['ReservedConcurrentExecutions'] = MERGES_AT_ONCE;
};
