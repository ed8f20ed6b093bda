import { parseToken } from '../lib/comet/http/token.ts';
import { openComet } from '../lib/comet/open.ts';
import { parseTls } from '../lib/comet/tls.ts';
import type { OpenComet } from '../lib/deliver/pool.ts';
import type { Log } from '../lib/log.ts';
import { createSecret, type ReadSecret, type Secret } from '../lib/secret.ts';
import { openSecretFile } from '../lib/secrets/file.ts';
import { openSecretsManager } from '../lib/secrets/secrets-manager.ts';

interface Config {
  readonly COMET_TOKEN: string | undefined;
  readonly COMET_TOKEN_SECRET: string | undefined;
  readonly COMET_TLS_SECRET: string | undefined;
}

const readerOf = (place: string | undefined): ReadSecret | undefined => {
  if (place === undefined) return undefined;
  return place.startsWith('arn:') ? openSecretsManager(place) : openSecretFile(place);
};

/** Opens comets with what the configuration says they are to be shown. */
export const createOpenComet = (config: Config, log: Log): OpenComet => {
  const secretOf = <T>(read: ReadSecret | undefined, parse: (text: string) => T): Secret<T> | undefined =>
    read &&
    createSecret({
      read,
      parse,
      now: Date.now,
      onFailure: ({ code, message, details }) => log.warn(message, { code, ...details }),
    });
  const { COMET_TOKEN, COMET_TOKEN_SECRET, COMET_TLS_SECRET } = config;
  const ofVariable = COMET_TOKEN === undefined ? undefined : () => Promise.resolve(COMET_TOKEN);
  const token = secretOf(readerOf(COMET_TOKEN_SECRET) ?? ofVariable, parseToken);
  const tls = secretOf(readerOf(COMET_TLS_SECRET), parseTls);
  return (comet) => openComet(comet, { token, tls });
};
