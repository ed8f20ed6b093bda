import type { Op } from '../../domain/op.ts';
import { DELIVERED, type Outcome } from '../../domain/outcome.ts';
import { isRoomId } from './room-list.ts';

/** Bodies that a comet's clients stand: of v1.2's, over WebSocket, only JSON. */
export type Bodies = 'json' | 'any';

/** As Go's `encoding/json` has it: in a string there may be bytes that are not UTF-8. */
const isJson = (body: Buffer): boolean => {
  try {
    JSON.parse(body.toString('latin1'));
    return true;
  } catch {
    return false;
  }
};

const refused = (detail: string): Outcome => ({ status: 'dropped', reason: 'refused', detail });

/** What becomes of an op without asking the comet; undefined: the comet is to be asked. */
export const settled = (op: Op, body: Buffer, bodies: Bodies): Outcome | undefined => {
  // Nobody can be in a room that no comet of v1 can have.
  if (op.type === 'room' && !isRoomId(op.room)) return DELIVERED;
  if (body.length !== Buffer.byteLength(op.body, 'base64')) return refused('the body is not base64');
  // See docs/adr/0008-bodies-of-goim-v1.md.
  if (bodies === 'json' && !isJson(body))
    return refused('the body is not JSON, for which a WebSocket client of goim v1.2 is disconnected');
  return undefined;
};
