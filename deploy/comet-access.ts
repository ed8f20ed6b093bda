import type { Parameters } from './parameters.ts';
import type { Statement } from './template.ts';

/** What a function that calls comets may read: their secrets, and no other. */
export const cometStatements = (parameters: Parameters): Statement[] => {
  const { cometTokenSecretArn, cometTlsSecretArn, cometSecretKeyArn } = parameters;
  const secrets = [cometTokenSecretArn, cometTlsSecretArn].filter((arn) => arn !== undefined);
  if (secrets.length === 0) return [];
  const read: Statement = {
    Effect: 'Allow',
    Action: ['secretsmanager:GetSecretValue'],
    Resource: secrets,
  };
  return cometSecretKeyArn === undefined
    ? [read]
    : [
        read,
        {
          Effect: 'Allow',
          Action: ['kms:Decrypt'],
          Resource: cometSecretKeyArn,
          Condition: { StringLike: { 'kms:ViaService': 'secretsmanager.*' } },
        },
      ];
};
