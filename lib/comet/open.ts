import type { Comet } from '../domain/fleet.ts';
import { COMET_CALL_MS } from '../domain/limits.ts';
import { ServiceError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { CometClient } from './client.ts';
import { withFailover } from './failover.ts';
import { openGorpcComet } from './gorpc/comet.ts';
import { openGrpcComet } from './grpc/comet.ts';
import { openHttpComet } from './http/comet.ts';
import type { CometTls } from './tls.ts';
import { withTls } from './with-tls.ts';

/** What comets are shown by who calls them. */
export interface CometAccess {
  /** Over HTTP alone: goim's own wires have no place for one. */
  readonly token?: Secret<string> | undefined;
  /** Over `https://` and `grpcs://`. */
  readonly tls?: Secret<CometTls> | undefined;
}

const openAddress = (address: string, callMs: number, { token, tls: secret }: CometAccess): CometClient[] => {
  const url = URL.parse(address);
  if (url === null || url.host === '') return [];
  switch (url.protocol) {
    case 'http:':
      return [openHttpComet(address, { callMs, token })];
    case 'https:':
      return [withTls(secret, (tls) => openHttpComet(address, { callMs, token, tls }))];
    case 'grpc:':
      return [openGrpcComet(address, { callMs })];
    case 'grpcs:':
      return [withTls(secret, (tls) => openGrpcComet(address, { callMs, tls }))];
    case 'gorpc:':
      return url.port === '' ? [] : [openGorpcComet(address, { callMs })];
    default:
      return [];
  }
};

/** A client for all addresses of a comet, which share a call's deadline. Throws `COMET_ADDRESS_INVALID` if none can be used. */
export const openComet = ({ id, addresses }: Comet, access: CometAccess = {}): CometClient => {
  const callMs = Math.floor(COMET_CALL_MS / Math.max(1, addresses.length));
  const clients = addresses.flatMap((address) => openAddress(address, callMs, access));
  if (clients.length === 0) {
    const message = 'A comet has no address with http://, https://, grpc://, grpcs:// or gorpc://';
    throw new ServiceError('COMET_ADDRESS_INVALID', message, {
      retryable: true,
      details: { comet: id, addresses: addresses.length },
    });
  }
  return withFailover(clients, Date.now);
};
