import type { Finding } from './check.ts';
import { type Answer, type Came, wordsOf } from './http.ts';

/** The answer's JSON, undefined if it has none. */
const jsonOf = ({ text }: Answer): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const isJsonType = ({ headers }: Answer): boolean =>
  /^application\/json\b/i.test(headers['content-type'] ?? '');

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

const isRefusal = (value: unknown, done: number): boolean => {
  const { index, reason } = (value ?? {}) as { index?: unknown; reason?: unknown };
  return isCount(index) && index < done && typeof reason === 'string';
};

/** How many ops the answer says are done; undefined if it is not of the specification's form. */
const doneOf = (came: Came): number | undefined => {
  if (typeof came === 'string' || came.status !== 200) return undefined;
  const { done, refused } = (jsonOf(came) ?? {}) as { done?: unknown; refused?: unknown };
  const list = refused ?? [];
  const isOfForm = isCount(done) && Array.isArray(list) && list.every((one) => isRefusal(one, done));
  return isOfForm ? done : undefined;
};

/** Whether an answer deals with as many ops, delivered or refused. */
export const whetherDone = (came: Came, count: number, sent: string): Finding | undefined =>
  doneOf(came) === count
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
