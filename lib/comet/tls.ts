import { createSecureContext, type SecureContextOptions } from 'node:tls';
import * as v from 'valibot';
import { secretFailed } from '../secret.ts';

/** What TLS to comets is opened with: whom to trust, and what to show. */
export type CometTls = Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;

const pem = v.pipe(v.string(), v.includes('-----BEGIN '));
const material = v.pipe(
  v.strictObject({ ca: v.optional(pem), certificate: v.optional(pem), privateKey: v.optional(pem) }),
  v.check((parts) => Object.keys(parts).length > 0),
  v.check(({ certificate, privateKey }) => (certificate === undefined) === (privateKey === undefined)),
);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** OpenSSL reads it now and not with the first call. */
const usable = (tls: CometTls): CometTls => {
  try {
    createSecureContext(tls);
    return tls;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw secretFailed(`has a certificate or key that cannot be used: ${code}`, { name: code });
  }
};

/** A secret's text, JSON: `ca`, `certificate` with `privateKey`, or all three, in PEM. Throws `SECRET_FAILED`. */
export const parseTls = (text: string): CometTls => {
  const parsed = v.safeParse(material, parseJson(text));
  if (!parsed.success)
    throw secretFailed(
      'is not JSON with ca, with certificate and privateKey, or with all three, each in PEM',
    );
  const { ca, certificate, privateKey } = parsed.output;
  return usable({
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined || privateKey === undefined ? {} : { cert: certificate, key: privateKey }),
  });
};
