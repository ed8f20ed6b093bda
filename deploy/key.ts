import type { Parameters } from './parameters.ts';
import type { Resource, Statement } from './template.ts';

/** What each kind of resource has of a key of one's own; KMS keys of AWS's otherwise. */
const keyProperties = (type: string, key: string): Readonly<Record<string, unknown>> => {
  switch (type) {
    case 'AWS::DynamoDB::Table':
      return { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key } };
    case 'AWS::Logs::LogGroup':
      return { KmsKeyId: key };
    case 'AWS::Lambda::Function':
      return { KmsKeyArn: key };
    default:
      return {};
  }
};

/** Encrypts tables, logs and variables with the key, in place. */
export const encryptWithKey = ({ Type, Properties }: Resource, { kmsKeyArn }: Parameters): void => {
  if (kmsKeyArn !== undefined) Object.assign(Properties, keyProperties(Type, kmsKeyArn));
};

/** What a function needs of the key: its variables, and its tables through DynamoDB alone. */
export const keyStatements = ({ kmsKeyArn }: Parameters): Statement[] =>
  kmsKeyArn === undefined
    ? []
    : [
        { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: kmsKeyArn },
        {
          Effect: 'Allow',
          // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
          Action: [
            'kms:CreateGrant',
            'kms:DescribeKey',
            'kms:Encrypt',
            'kms:GenerateDataKey*',
            'kms:ReEncrypt*',
          ],
          Resource: kmsKeyArn,
          Condition: { StringLike: { 'kms:ViaService': 'dynamodb.*' } },
        },
      ];
