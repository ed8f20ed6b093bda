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
const index = v.pipe(
  v.number('is not a number'),
  v.integer('is not a whole number'),
  v.minValue(0, 'is less than 0'),
);
const text = v.string('is not text');
const NOT_OBJECT = 'is not an object';
/** Go writes a nil slice as `null`: an empty list. */
const listOf = <S extends v.GenericSchema>(item: S) =>
  v.pipe(
    v.nullable(v.array(item, 'is not a list')),
    v.transform((items): v.InferOutput<S>[] => items ?? []),
  );
const opsReply = v.object(
  {
    done: index,
    refused: v.optional(
      listOf(
        v.object(
          {
            index,
            reason: v.pipe(
              text,
              v.transform((reason) => reason.slice(0, MAX_REASON_CHARS).toWellFormed()),
            ),
          },
          NOT_OBJECT,
        ),
      ),
      [],
    ),
  },
  NOT_OBJECT,
);
const roomsReply = v.object({ rooms: listOf(v.pipe(text, v.nonEmpty('is empty'))) }, NOT_OBJECT);

/** Where the answer is wrong and how, without a value: one may be a key. */
const problemOf = ({ path, received, message }: v.BaseIssue<unknown>): string => {
  const place = (path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return `${place.slice(1) || 'it'} ${received === 'undefined' ? 'is missing' : message}`;
};

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

const readJson = <S extends v.GenericSchema>(
  schema: S,
  response: AxiosResponse<Buffer>,
): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, parseJson(response), { abortEarly: true });
  if (!parsed.success) throw malformedReply(problemOf(parsed.issues[0]));
  return parsed.output;
};

/** Throws `COMET_REPLY_MALFORMED`, also for an answer that does not fit the `count` ops sent. */
export const readOpsReply = (response: AxiosResponse<Buffer>, count: number): OpsReply => {
  const reply = readJson(opsReply, response);
  if (reply.done > count) throw malformedReply('done is more than was sent');
  if (reply.refused.some((op) => op.index >= reply.done))
    throw malformedReply('refused names an op that is not done');
  return reply;
};

/** Throws `COMET_REPLY_MALFORMED` and `COMET_REPLY_TOO_LARGE`. */
export const readRooms = (response: AxiosResponse<Buffer>): ReadonlySet<string> => {
  const rooms = new Set(readJson(roomsReply, response).rooms);
  if (rooms.size > MAX_COMET_ROOMS) throw tooManyRooms(rooms.size);
  return rooms;
};
