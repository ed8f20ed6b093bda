import type { AxiosResponse } from 'axios';
import * as v from 'valibot';
import { MAX_COMET_ROOMS } from '../../domain/limits.ts';
import { malformedReply, tooManyRooms } from '../error.ts';

/** Ops before `done` are dealt with; those of them that the comet will never take are `refused`. */
export interface OpsReply {
  readonly done: number;
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

/** What is kept of a comet's reason. */
const MAX_REASON_CHARS = 256;
const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const opsReply = v.object({
  done: index,
  refused: v.optional(
    v.array(
      v.object({
        index,
        reason: v.pipe(
          v.string(),
          v.transform((text) => text.slice(0, MAX_REASON_CHARS).toWellFormed()),
        ),
      }),
    ),
    [],
  ),
});
const roomsReply = v.object({ rooms: v.array(v.pipe(v.string(), v.nonEmpty())) });

const parseJson = (response: AxiosResponse<Buffer>): unknown => {
  const type: unknown = response.headers['content-type'];
  if (typeof type !== 'string' || !/^application\/json\b/i.test(type))
    throw malformedReply('it is not application/json');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(response.data));
  } catch {
    throw malformedReply('it is not JSON');
  }
};

/** Throws `COMET_REPLY_MALFORMED`, also for an answer that does not fit the `count` ops sent. */
export const readOpsReply = (response: AxiosResponse<Buffer>, count: number): OpsReply => {
  const parsed = v.safeParse(opsReply, parseJson(response));
  if (!parsed.success) throw malformedReply('done or refused is missing or of a wrong type');
  const { done, refused } = parsed.output;
  if (done > count) throw malformedReply('done is more than was sent');
  if (refused.some((op) => op.index >= done)) throw malformedReply('refused names an op that is not done');
  return parsed.output;
};

/** Throws `COMET_REPLY_MALFORMED` and `COMET_REPLY_TOO_LARGE`. */
export const readRooms = (response: AxiosResponse<Buffer>): ReadonlySet<string> => {
  const parsed = v.safeParse(roomsReply, parseJson(response));
  if (!parsed.success) throw malformedReply('rooms is not a list of names');
  const rooms = new Set(parsed.output.rooms);
  if (rooms.size > MAX_COMET_ROOMS) throw tooManyRooms(rooms.size);
  return rooms;
};
