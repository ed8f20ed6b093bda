import type { SecureContextOptions } from 'node:tls';
import type { Authority } from '../../h2/open.ts';
import type { Request } from '../../h2/stream.ts';
import type { Method } from './message.ts';

type Fields = Request['fields'];

/** One list a method: each is a byte a field once it has been sent. */
export type FieldsByMethod = Readonly<Record<Method, Fields>>;

const METHODS: readonly Method[] = ['PushMsg', 'BroadcastRoom', 'Broadcast', 'Rooms'];

export const authorityOf = ({ protocol, hostname, port }: URL, tls: SecureContextOptions = {}): Authority => {
  // One of IPv6 is in brackets.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return protocol === 'grpcs:'
    ? { host, port: Number(port || 443), tls }
    : { host, port: Number(port || 80) };
};

export const fieldsByMethod = ({ protocol, host }: URL, callMs: number): FieldsByMethod => {
  const fieldsOf = (method: Method): Fields => [
    [':method', 'POST'],
    [':scheme', protocol === 'grpcs:' ? 'https' : 'http'],
    [':path', `/goim.comet.Comet/${method}`],
    [':authority', host],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ['grpc-timeout', `${callMs}m`],
    ['user-agent', 'goim-job'],
  ];
  return Object.fromEntries(METHODS.map((method) => [method, fieldsOf(method)])) as Record<Method, Fields>;
};
