import type { Comet } from '../domain/fleet.ts';
import { COMET_CALL_MS } from '../domain/limits.ts';
import { ServiceError } from '../errors.ts';
import type { CometClient } from './client.ts';
import { withFailover } from './failover.ts';
import { openGorpcComet } from './gorpc/comet.ts';
import { openGrpcComet } from './grpc/comet.ts';
import { openHttpComet } from './http/comet.ts';

const openAddress = (address: string, callMs: number, token: string | undefined): CometClient[] => {
  const url = URL.parse(address);
  if (url === null || url.host === '') return [];
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return [openHttpComet(address, token === undefined ? { callMs } : { callMs, token })];
    case 'grpc:':
    case 'grpcs:':
      return [openGrpcComet(address, { callMs })];
    case 'gorpc:':
      return url.port === '' ? [] : [openGorpcComet(address, { callMs })];
    default:
      return [];
  }
};

/** A client for all addresses of a comet, which share a call's deadline. Throws `COMET_ADDRESS_INVALID` if none can be used. */
export const openComet = ({ id, addresses }: Comet, token?: string): CometClient => {
  const callMs = Math.floor(COMET_CALL_MS / Math.max(1, addresses.length));
  const clients = addresses.flatMap((address) => openAddress(address, callMs, token));
  if (clients.length === 0) {
    const message = 'A comet has no address with http://, https://, grpc://, grpcs:// or gorpc://';
    throw new ServiceError('COMET_ADDRESS_INVALID', message, {
      retryable: true,
      details: { comet: id, addresses: addresses.length },
    });
  }
  return withFailover(clients, Date.now);
};
