import type { Parameters } from './parameters.ts';
import type { Statement } from './template.ts';

/** X-Ray of the functions themselves: invocations, cold starts, the queue of asynchronous ones. */
export const tracingProperties = ({ tracing }: Parameters): Readonly<Record<string, unknown>> =>
  tracing ? { TracingConfig: { Mode: 'Active' } } : {};

/** Neither action has a resource to name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html */
export const tracingStatements = ({ tracing }: Parameters): Statement[] =>
  tracing
    ? [{ Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' }]
    : [];
