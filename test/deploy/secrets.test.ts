import { describe, expect, test } from 'vitest';
import { localVariableProblems } from '../../deploy/local-variables.ts';
import { noTokenWarning } from '../../deploy/no-token.ts';
import { completeTemplate, type Statement, type Template } from '../../deploy/template.ts';
import { parametersOf, secretArn } from './given.ts';

const ROLES = ['DispatchRole', 'DeliverRole', 'RedeliverRole', 'MergeRoomsRole'];

/** What each role may do with secrets. */
const secretsOf = (DELIVERY: string, more: Record<string, string>) => {
  const roles = ROLES.map((id) => {
    const policy = { PolicyDocument: { Statement: [] as Statement[] } };
    return [id, { Type: 'AWS::IAM::Role', Properties: { Policies: [policy] } }] as const;
  });
  const Properties = { Environment: { Variables: { DELIVERY } } };
  const template: Template = {
    Resources: {
      ...Object.fromEntries(roles),
      DispatchLambdaFunction: { Type: 'AWS::Lambda::Function', Properties },
    },
    Outputs: {},
  };
  completeTemplate(template, parametersOf(more), 'goim-job-dev');
  return roles.map(
    ([
      ,
      {
        Properties: { Policies },
      },
    ]) =>
      Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
        .flatMap(({ Resource }) => Resource),
  );
};

describe('the comets’ secrets', () => {
  const both = { cometTokenSecretArn: secretArn('token'), cometTlsSecretArn: secretArn('tls') };
  const MAY = [secretArn('token'), secretArn('tls')];

  test.each([
    ['inline', [MAY, MAY, MAY, MAY]],
    ['invoke', [[], MAY, MAY, MAY]],
  ])('may be read by who calls comets with DELIVERY=%s', (delivery, expected) => {
    expect(secretsOf(delivery, both)).toEqual(expected);
    expect(secretsOf(delivery, {})).toEqual([[], [], [], []]);
  });
});

test('secrets in the shell are refused, with what to do instead and without their values', () => {
  expect(localVariableProblems({ COMET_TOKEN: 'hunter2', COMET_TOKEN_SECRET: '' })).toEqual([
    'COMET_TOKEN is for npm start alone: unset it, put the secret into Secrets Manager, and deploy with --param cometTokenSecretArn=<its ARN>',
  ]);
  expect(
    localVariableProblems({ COMET_TOKEN_SECRET: '/run/token', COMET_TLS_SECRET: '/run/tls' }),
  ).toHaveLength(2);
  expect(localVariableProblems({ COMET_TOKEN: '' })).toEqual([]);
});

describe('that a token is not sent over goim’s own wires', () => {
  const environment = (COMETS: object, more = {}) => ({
    FLEET_TABLE: 'fleet',
    ROOMS_TABLE: 'rooms',
    LEASES_TABLE: 'leases',
    BEHIND_TABLE: 'behind',
    REDELIVER_FUNCTION: 'redeliver',
    COMETS: JSON.stringify(COMETS),
    COMET_TOKEN_SECRET: secretArn('token'),
    ...more,
  });

  test('is said where one is set, with the comets that have such an address', () => {
    const comets = { a: ['http://a'], b: ['https://b', 'grpcs://b:1'], c: ['gorpc://c:1'] };
    expect(noTokenWarning(environment(comets))).toMatch(/over HTTP alone.* not to all addresses of b, c$/);
  });

  test('is said of goim’s own comets that discovery names', () => {
    const discovery = { REGISTRY: 'discovery', DISCOVERY_URLS: 'http://a', DISCOVERY_ENV: 'prod' };
    expect(noTokenWarning(environment({}, discovery))).toMatch(/not to comets that discovery names/);
  });

  test.each([
    ['all are called over HTTP', { a: ['http://a', 'HTTPS://b'] }, {}],
    ['no token is set', { a: ['grpc://a'] }, { COMET_TOKEN_SECRET: '' }],
  ])('is not said where %s', (_why, comets, more) => {
    expect(noTokenWarning(environment(comets, more))).toBeUndefined();
  });
});
