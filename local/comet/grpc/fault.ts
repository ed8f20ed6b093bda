import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultKind, Faults } from '../faults.ts';
import { padded } from './messages.ts';
import { CallError } from './service.ts';

/** gRPC's code for what would be this HTTP status; Unknown for the rest. */
const CODE_BY_STATUS: Readonly<Record<number, number>> = {
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  500: 13,
  503: 14,
};
const UNKNOWN = 2;
const INTERNAL = 13;

export interface FaultyCall {
  /** The caller's connection. */
  readonly socket: Socket | undefined;
  /** Applies the call and gives its reply. Throws a `CallError`. */
  apply(): Buffer;
}

const replyLate = async (
  { ms, applies }: Extract<FaultKind, { kind: 'slow' }>,
  apply: () => Buffer,
): Promise<Buffer> => {
  if (applies === 'late') await pause(ms);
  const reply = apply();
  if (applies === 'first') await pause(ms);
  return reply;
};

/** The reply in the way of the fault; undefined: there is none. Rejects with a `CallError`. */
export const replyWith = async (
  fault: FaultKind,
  { socket, apply }: FaultyCall,
  faults: Faults,
): Promise<Buffer | undefined> => {
  switch (fault.kind) {
    case 'status':
      throw new CallError(CODE_BY_STATUS[fault.status] ?? UNKNOWN, 'a fault that was asked for');
    case 'busy':
      throw new CallError(CODE_BY_STATUS[503] ?? UNKNOWN, 'busy');
    case 'reset':
      socket?.resetAndDestroy();
      return undefined;
    case 'hang':
      if (socket !== undefined) faults.hold(socket);
      return undefined;
    case 'half':
      apply();
      socket?.destroy();
      return undefined;
    case 'stall':
      apply();
      if (socket !== undefined) faults.hold(socket);
      return undefined;
    case 'huge':
      return padded(apply(), fault.bytes);
    case 'slow':
      return await replyLate(fault, apply);
    // Of the HTTP API alone.
    case 'redirect':
    case 'json':
    case 'garbage':
    case 'html':
    case 'partial':
      throw new CallError(INTERNAL, `a fault that gRPC has not: ${fault.kind}`);
  }
};
