import { type Call, coalesce } from '../../domain/coalesce.ts';
import { MAX_PACKET_BYTES, MAX_PACKET_MESSAGES } from '../../domain/limits.ts';
import type { Op } from '../../domain/op.ts';
import { createPace, type Pace, type PaceLimits } from './pace.ts';

/** What keeps ops from being lost in a comet, or from passing each other there; tests alone switch one off, to show what it is for. */
export type Guard = 'coalescing' | 'order' | 'pace';

const ONE_PACKET = { messages: MAX_PACKET_MESSAGES, bytes: MAX_PACKET_BYTES };
const ONE_MESSAGE = { messages: 1, bytes: 0 };

/** Which ops of a delivery go out as one call, and which calls wait for which. */
export const createPlan = (guardsOff: readonly Guard[]) => {
  const limits = guardsOff.includes('coalescing') ? ONE_MESSAGE : ONE_PACKET;
  return (ops: readonly Op[]): Call[] => {
    const calls = coalesce(ops, limits);
    return guardsOff.includes('order') ? calls.map((call) => ({ ...call, after: [] })) : calls;
  };
};

export const openPace = (limits: PaceLimits, guardsOff: readonly Guard[]): Pace =>
  guardsOff.includes('pace')
    ? { turn: () => Promise.resolve(), answered: () => {} }
    : createPace(() => performance.now(), limits);
