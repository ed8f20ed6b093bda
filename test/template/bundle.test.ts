import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { cometStatements } from '../../deploy/comet-access.ts';
import { parametersOf, secretArn } from '../deploy/given.ts';
import { bundle, FUNCTIONS } from './bundles.ts';

const MAX_BUNDLE_BYTES = 1_800_000;

/** A package that is not here must not get into a bundle unseen: each one is read, parsed and run at every cold start. */
const EVERYWHERE = [
  '@bufbuild/protobuf',
  '@aws-lambda-powertools/commons',
  '@aws-lambda-powertools/logger',
  '@aws-lambda-powertools/metrics',
  '@aws/lambda-invoke-store',
  'valibot',
];
const AXIOS = [
  'agent-base',
  'axios',
  'debug',
  'follow-redirects',
  'has-flag',
  'https-proxy-agent',
  'ms',
  'proxy-from-env',
  'supports-color',
];
const AWS_SDK = /^(@aws-sdk|@smithy)\//;
const SECRETS = '@aws-sdk/client-secrets-manager';
const DYNAMODB = ['mnemonist', 'obliterator'];
const INSIDE: Record<string, readonly string[]> = {
  dispatch: [...EVERYWHERE, ...AXIOS, ...DYNAMODB],
  deliver: [...EVERYWHERE, ...AXIOS],
  redeliver: [...EVERYWHERE, ...AXIOS, ...DYNAMODB],
  mergeRooms: [...EVERYWHERE, ...AXIOS, ...DYNAMODB],
};

test.each(FUNCTIONS)(
  'the bundle of %s keeps to its size and to the packages it is known to need',
  async (name) => {
    const { bytes, packages } = await bundle(name);
    expect(bytes).toBeLessThan(MAX_BUNDLE_BYTES);
    const others = packages.filter((inside) => !AWS_SDK.test(inside));
    expect(others).toEqual(INSIDE[name]?.toSorted());
  },
);

test.each(FUNCTIONS)('%s loads axios with its first call over HTTP, not with a cold start', async (name) => {
  const { packages, packagesAtStart } = await bundle(name);
  expect(packages).toContain('axios');
  expect(packagesAtStart).toContain('valibot');
  expect(packagesAtStart).not.toContain('axios');
});

test.each(FUNCTIONS)('%s loads what reads a secret when there is one to read', async (name) => {
  const { packages, packagesAtStart } = await bundle(name);
  expect(packages).toContain(SECRETS);
  expect(packagesAtStart).not.toContain(SECRETS);
  expect(packagesAtStart.some((inside) => AWS_SDK.test(inside))).toBe(name !== 'deliver');
});

/** The SDK's own credential providers, which Lambda's environment makes idle. */
const CREDENTIALS = new Set(['AssumeRole', 'AssumeRoleWithWebIdentity']);
const ACTION_OF: Record<string, string> = {
  Invoke: 'lambda:InvokeFunction',
  GetSecretValue: 'secretsmanager:GetSecretValue',
};

const actionsOf = (code: string): string[] => {
  const commands = [...code.matchAll(/\bnew (?:\w+\.)?(\w+)Command\(/g)].flatMap(([, command = '']) =>
    CREDENTIALS.has(command) ? [] : [ACTION_OF[command] ?? `dynamodb:${command}`],
  );
  return [...new Set(commands)].sort();
};

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
}

const ROLES: Record<string, string> = {
  dispatch: 'DispatchRole',
  deliver: 'DeliverRole',
  redeliver: 'RedeliverRole',
  mergeRooms: 'MergeRoomsRole',
};

/** A parameter allows it: see test/deploy/secrets.test.ts. */
const ofSecrets = cometStatements(parametersOf({ cometTokenSecretArn: secretArn('a') }));

const allowedBy = (role: string): string[] => {
  const { resources } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true });
  const statements: Statement[] = resources.Resources[role].Properties.Policies[0].PolicyDocument.Statement;
  const actions = [...statements, ...ofSecrets]
    .flatMap(({ Action, Effect }) => (Effect === 'Allow' ? Action : []))
    .filter((action) => /^(dynamodb|lambda|secretsmanager):/.test(action));
  return [...new Set(actions)].sort();
};

test.each(FUNCTIONS)('the role of %s allows the SDK commands of its bundle, and no other', async (name) => {
  const { code } = await bundle(name);
  expect(allowedBy(ROLES[name] ?? '')).toEqual(actionsOf(code));
});
