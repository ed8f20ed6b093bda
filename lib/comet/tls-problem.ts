/** OpenSSL's words for a chain that ends at nobody who is trusted. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes, and Node's own. */
const ofCertificate = (code: string): string | undefined => {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'its certificate is for another name';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet';
    default:
      return UNTRUSTED.has(code) ? 'its certificate is of an authority that is not trusted' : undefined;
  }
};

/** By the alert that it sends, whose names OpenSSL makes its codes of (RFC 8446, 6.2). */
const ofAlert = (code: string): string => {
  if (code.endsWith('_ALERT_CERTIFICATE_REQUIRED')) return 'it wants a client certificate';
  // A comet on TLS 1.2 that wants a client certificate says no more than this.
  if (code.endsWith('_ALERT_HANDSHAKE_FAILURE'))
    return 'it ends the handshake, as it does for want of a client certificate';
  if (/_ALERT_(.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED)$/.test(code))
    return 'it refuses the client certificate';
  return code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? 'it speaks no TLS there' : 'the handshake failed';
};

/** A socket's code; where Node says no more than `EPROTO`, OpenSSL's reason in the form that Node gives it elsewhere. */
export const socketCode = (code: string, message: string): string => {
  const [, reason] = code === 'EPROTO' ? (message.match(/:SSL routines:[^:]*:([^:]+):/) ?? []) : [];
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(/\W/g, '_')}`;
};

/** What is wrong between the two ends, by the code of a socket's error; undefined: it is not TLS. */
export const tlsProblem = (code: string): string | undefined =>
  ofCertificate(code) ?? (code.startsWith('ERR_SSL_') ? ofAlert(code) : undefined);
