import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultKind, Faults } from '../faults.ts';
import { padded, type V1Reply } from './messages.ts';
import { CallError } from './service.ts';

export interface FaultyCall {
  /** The caller's connection. */
  readonly socket: Socket;
  /** Applies the call and gives its reply. Throws a `CallError`. */
  apply(): V1Reply;
  /** Sends the first half of a reply. */
  sendHalf(reply: V1Reply): void;
}

/** The reply in the way of the fault; undefined: there is none. Rejects with a `CallError`. */
export const replyWith = async (
  fault: FaultKind,
  { socket, apply, sendHalf }: FaultyCall,
  faults: Faults,
): Promise<V1Reply | undefined> => {
  switch (fault.kind) {
    case 'status':
    case 'busy':
      throw new CallError('a fault that was asked for');
    case 'reset':
      socket.resetAndDestroy();
      return undefined;
    case 'hang':
      faults.hold(socket);
      return undefined;
    case 'half':
      sendHalf(apply());
      socket.destroySoon();
      return undefined;
    case 'stall':
      sendHalf(apply());
      faults.hold(socket);
      return undefined;
    case 'huge':
      return padded(apply(), fault.bytes);
    case 'slow': {
      if (fault.applies === 'late') await pause(fault.ms);
      const reply = apply();
      if (fault.applies === 'first') await pause(fault.ms);
      return reply;
    }
    // Of the HTTP API alone.
    case 'redirect':
    case 'json':
    case 'garbage':
    case 'html':
    case 'partial':
      throw new CallError(`a fault that net/rpc has not: ${fault.kind}`);
  }
};
