import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CONNECT_MS, SECRET_CALL_MS } from '../domain/limits.ts';
import { type ReadSecret, secretFailed } from '../secret.ts';

/** Loaded when there is a secret to read: for most sets there is none. */
const loadSdk = () => import('@aws-sdk/client-secrets-manager');

const openClient = ({ SecretsManagerClient: Client }: Awaited<ReturnType<typeof loadSdk>>) =>
  new Client({
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: SECRET_CALL_MS,
      throwOnRequestTimeout: true,
    },
  });

/** The current version of a secret of Secrets Manager, which is text. */
export const openSecretsManager = (arn: string): ReadSecret => {
  let client: SecretsManagerClient | undefined;
  return async (abortSignal) => {
    const sdk = await loadSdk();
    client ??= openClient(sdk);
    try {
      const command = new sdk.GetSecretValueCommand({ SecretId: arn });
      const { SecretString = '' } = await client.send(command, { abortSignal });
      return SecretString;
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      throw secretFailed(`could not be read: ${name}`, { secret: arn, name });
    }
  };
};
