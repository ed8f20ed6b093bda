import type { SecureContextOptions } from 'node:tls';
import { type Calls, openCalls } from '../calls/unary.ts';
import { openConnection } from './connection.ts';
import { createExchange } from './exchange.ts';
import type { GrpcRequest } from './message.ts';
import type { GrpcReply } from './reply.ts';
import { authorityOf, fieldsByMethod } from './target.ts';

export interface GrpcOptions {
  /** One call's deadline, its second attempt included, ms. */
  readonly callMs: number;
  /** For `grpcs://`; the system's authorities otherwise. */
  readonly tls?: SecureContextOptions | undefined;
}

/** Unary calls of `goim.comet.Comet`, a bounded number at once. */
export type GrpcCalls = Calls<GrpcRequest, GrpcReply>;

export const openGrpcCalls = (address: URL, { callMs, tls }: GrpcOptions): GrpcCalls => {
  const authority = authorityOf(address, tls);
  const proofMs = Math.ceil(callMs / 3);
  return openCalls({
    open: () => openConnection({ authority, proofMs }),
    exchange: createExchange(fieldsByMethod(address, callMs)),
    callMs,
  });
};
