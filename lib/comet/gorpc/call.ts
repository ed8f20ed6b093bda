import { type Calls, openCalls } from '../calls/unary.ts';
import { openConnection } from './connection.ts';
import { exchange } from './exchange.ts';
import type { GorpcRequest } from './message.ts';
import type { GorpcReply } from './reply.ts';

export interface GorpcOptions {
  /** One call's deadline, its second attempt included, ms. */
  readonly callMs: number;
}

/** Calls of goim v1's `PushRPC`, a bounded number at once. */
export type GorpcCalls = Calls<GorpcRequest, GorpcReply>;

export const openGorpcCalls = ({ hostname, port }: URL, { callMs }: GorpcOptions): GorpcCalls => {
  // As in a URL, not as a socket takes it.
  const host = hostname.replace(/^\[|\]$/g, '');
  const proofMs = Math.ceil(callMs / 3);
  return openCalls({ open: () => openConnection({ host, port: Number(port), proofMs }), exchange, callMs });
};
