import type { Parameters } from './parameters.ts';
import type { Statement } from './template.ts';

/** What a function that calls comets may read: their secrets, and no other. */
export const cometStatements = ({ cometTokenSecretArn, cometSecretKeyArn }: Parameters): Statement[] => {
  if (cometTokenSecretArn === undefined) return [];
  const read: Statement = {
    Effect: 'Allow',
    Action: ['secretsmanager:GetSecretValue'],
    Resource: [cometTokenSecretArn],
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
