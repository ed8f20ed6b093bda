import { completeAlarms } from './alarms.ts';
import { cometStatements } from './comet-access.ts';
import { dashboardResource } from './dashboard.ts';
import { useKeptTables } from './kept-tables.ts';
import { encryptWithKey, keyStatements } from './key.ts';
import type { Parameters } from './parameters.ts';
import { queryResources } from './queries.ts';
import { tracingProperties, tracingStatements } from './tracing.ts';
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
  readonly Outputs: Record<string, unknown>;
}

/** An old owner and an old waiter may hold two. */
const MERGES_AT_ONCE = 3;

const completeFunction = (resource: Resource, parameters: Parameters): void => {
  const { subnetIds, securityGroupIds } = parameters;
  resource.Properties['VpcConfig'] = { SubnetIds: subnetIds, SecurityGroupIds: securityGroupIds };
  Object.assign(resource.Properties, tracingProperties(parameters));
  // `Role` refers to the role already; saying it twice is a finding of cfn-lint.
  resource.DependsOn = resource.DependsOn?.filter((name) => !name.endsWith('Role')) ?? [];
};

interface Policy {
  readonly PolicyDocument: { readonly Statement: Statement[] };
}

const statementsOf = ({ Properties }: Resource): Statement[] => {
  const [policy] = Properties['Policies'] as [Policy];
  return policy.PolicyDocument.Statement;
};

/** `dispatch` calls comets itself with `DELIVERY=inline`, and `deliver` otherwise. */
const deliveryStatements = ({ Properties }: Resource, parameters: Parameters): Statement[] => {
  const { Variables } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, string> };
  return Variables?.['DELIVERY'] === 'inline'
    ? cometStatements(parameters)
    : [
        {
          Effect: 'Allow',
          Action: ['lambda:InvokeFunction'],
          Resource: { 'Fn::GetAtt': ['DeliverLambdaFunction', 'Arn'] },
        },
      ];
};

const CALL_COMETS = ['DeliverRole', 'RedeliverRole', 'MergeRoomsRole'];

const completeResource = (resource: Resource, parameters: Parameters): void => {
  encryptWithKey(resource, parameters);
  if (resource.Type === 'AWS::Lambda::Function') completeFunction(resource, parameters);
  if (resource.Type === 'AWS::IAM::Role')
    statementsOf(resource).push(...keyStatements(parameters), ...tracingStatements(parameters));
};

/** A stream of the dead letters as they come, for a function of the team's own. */
const addStream = ({ Resources, Outputs }: Template): void => {
  const { DeadLettersTable } = Resources;
  if (DeadLettersTable === undefined) throw new Error('serverless.yml has no DeadLettersTable');
  DeadLettersTable.Properties['StreamSpecification'] = { StreamViewType: 'NEW_IMAGE' };
  Outputs['DeadLettersStreamArn'] = { Value: { 'Fn::GetAtt': ['DeadLettersTable', 'StreamArn'] } };
};

/** Completes the compiled template of the set `prefix`, e.g. `goim-job-prod`, in place, with what depends on parameters. */
export const completeTemplate = (template: Template, parameters: Parameters, prefix: string): void => {
  const { Resources } = template;
  const { DispatchRole, DispatchLambdaFunction, MergeRoomsLambdaFunction } = Resources;
  if (DispatchRole === undefined || DispatchLambdaFunction === undefined)
    throw new Error('serverless.yml has no dispatch with a role');
  Object.assign(Resources, triggerResources(parameters), queryResources(prefix), {
    Dashboard: dashboardResource(prefix),
  });
  statementsOf(DispatchRole).push(
    ...triggerStatements(parameters),
    ...deliveryStatements(DispatchLambdaFunction, parameters),
  );
  for (const [id, resource] of Object.entries(Resources)) {
    completeResource(resource, parameters);
    if (CALL_COMETS.includes(id)) statementsOf(resource).push(...cometStatements(parameters));
  }
  completeAlarms(Resources, parameters);
  if (parameters.deadLettersStream) addStream(template);
  if (parameters.keptTables) useKeptTables(template);
  if (parameters.reservedConcurrency && MergeRoomsLambdaFunction !== undefined)
    MergeRoomsLambdaFunction.Properties['ReservedConcurrentExecutions'] = MERGES_AT_ONCE;
};
