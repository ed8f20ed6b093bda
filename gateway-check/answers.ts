import type { Finding } from './check.ts';
import type { Delivered } from './deliver.ts';
import { type Answer, type Came, wordsOf } from './http.ts';

/** The answer's JSON, undefined if it has none. */
export const jsonOf = ({ text }: Answer): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const isJsonType = ({ headers }: Answer): boolean =>
  /^application\/json\b/i.test(headers['content-type'] ?? '');

export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

/** How many of `count` ops an answer says are done; undefined if it is not of the specification's form. */
export const doneOf = (came: Came, count: number): number | undefined => {
  if (typeof came === 'string' || came.status !== 200) return undefined;
  const { done } = (jsonOf(came) ?? {}) as { done?: unknown };
  return isCount(done) && done <= count ? done : undefined;
};

/** Whether the gateway dealt with as many ops, delivered or refused. */
export const whetherDone = ({ came, done }: Delivered, count: number, sent: string): Finding | undefined =>
  done === count
    ? undefined
    : { sent: `POST /v1/ops: ${sent}`, came: wordsOf(came), wanted: `200 and {"done":${count}}` };

export const whetherStatus = (came: Came, status: number, sent: string): Finding | undefined =>
  typeof came !== 'string' && came.status === status
    ? undefined
    : { sent, came: wordsOf(came), wanted: `${status}` };

/** The rooms that an answer lists; undefined if it is not of the specification's form. */
export const roomsOf = (came: Came): string[] | undefined => {
  if (typeof came === 'string' || came.status !== 200) return undefined;
  const json = jsonOf(came) as { rooms?: unknown } | undefined;
  // What Go writes for a nil slice.
  const rooms = json?.rooms === null ? [] : json?.rooms;
  const isOfForm =
    Array.isArray(rooms) && rooms.every((room: unknown) => typeof room === 'string' && room !== '');
  return isOfForm ? (rooms as string[]) : undefined;
};
