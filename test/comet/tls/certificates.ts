import { type GenerateResult, generate } from 'selfsigned';

const HOUR_MS = 3_600_000;

/** In PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly ca: Certificate;
  /** Whom it is for. */
  readonly host?: string;
  readonly isExpired?: boolean;
}

const pemOf = ({ cert, private: key }: GenerateResult): Certificate => ({ cert, key });

const named = (name: string) => [{ name: 'commonName', value: name }];

/** An authority of one's own. */
export const createAuthority = async (name: string): Promise<Certificate> =>
  pemOf(
    await generate(named(name), {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    }),
  );

/** Of a comet or of who calls it, for 127.0.0.1 and localhost unless another host is given. */
export const createCertificate = async ({
  ca,
  host,
  isExpired = false,
}: CertificateOptions): Promise<Certificate> => {
  const here = [
    { type: 7, ip: '127.0.0.1' },
    { type: 2, value: 'localhost' },
  ] as const;
  const altNames = host === undefined ? [...here] : [{ type: 2 as const, value: host }];
  const from = Date.now() - 2 * HOUR_MS;
  return pemOf(
    await generate(named(host ?? 'localhost'), {
      keyType: 'ec',
      algorithm: 'sha256',
      ca,
      notBeforeDate: new Date(from),
      notAfterDate: new Date(from + (isExpired ? HOUR_MS : 24 * HOUR_MS)),
      extensions: [{ name: 'subjectAltName', altNames }],
    }),
  );
};
