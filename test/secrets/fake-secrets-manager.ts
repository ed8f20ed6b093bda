import { createServer, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { listenOn, shut } from '../../local/listening.ts';

/** Answers `GetSecretValue` as Secrets Manager does. */
export interface FakeSecretsManager {
  readonly url: string;
  /** By ARN. */
  readonly texts: Map<string, string>;
  /** Which were asked for, in order. */
  readonly asked: string[];
  /** Answers nothing. */
  isSilent: boolean;
  close(): Promise<void>;
}

const fail = (response: ServerResponse, type: string): void => {
  response.statusCode = 400;
  response.end(JSON.stringify({ __type: type, message: 'no' }));
};

export const startSecretsManager = async (): Promise<FakeSecretsManager> => {
  const texts = new Map<string, string>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { SecretId } = (await json(request)) as { SecretId: string };
    asked.push(SecretId);
    if (fake.isSilent) return;
    response.setHeader('Content-Type', 'application/x-amz-json-1.1');
    const text = texts.get(SecretId);
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
      fail(response, 'AccessDeniedException');
    else if (text === undefined) fail(response, 'ResourceNotFoundException');
    else response.end(JSON.stringify({ ARN: SecretId, SecretString: text }));
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  const fake = {
    url: `http://127.0.0.1:${port}`,
    texts,
    asked,
    isSilent: false,
    close: () => shut(server),
  };
  return fake;
};
