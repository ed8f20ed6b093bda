import { parseToken } from '../lib/comet/http/token.ts';
import { openComet } from '../lib/comet/open.ts';
import type { OpenComet } from '../lib/deliver/pool.ts';
import type { Log } from '../lib/log.ts';
import { createSecret, type ReadSecret, type Secret } from '../lib/secret.ts';
import { openSecretFile } from '../lib/secrets/file.ts';
import { openSecretsManager } from '../lib/secrets/secrets-manager.ts';

interface Config {
  readonly COMET_TOKEN: string | undefined;
  readonly COMET_TOKEN_SECRET: string | undefined;
}

const readerOf = (place: string): ReadSecret =>
  place.startsWith('arn:') ? openSecretsManager(place) : openSecretFile(place);

const tokenReader = ({ COMET_TOKEN, COMET_TOKEN_SECRET }: Config): ReadSecret | undefined => {
  if (COMET_TOKEN_SECRET !== undefined) return readerOf(COMET_TOKEN_SECRET);
  return COMET_TOKEN === undefined ? undefined : () => Promise.resolve(COMET_TOKEN);
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
  const token = secretOf(tokenReader(config), parseToken);
  return (comet) => openComet(comet, { token });
};
