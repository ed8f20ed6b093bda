import type { Connection } from '../../lib/h2/connection.ts';
import type { Fields } from '../../lib/h2/hpack/field.ts';
import type { Body, Call, Request } from '../../lib/h2/stream.ts';

export const FIELDS: Fields = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/x'],
  [':authority', 'peer'],
];

export const bodyOf = (bytes: Buffer): Body => ({
  bytes: bytes.length,
  write: (into, at) => {
    bytes.copy(into, at);
  },
});

export const requestOf = (onEnd: (call: Call) => void, given: Partial<Request> = {}): Request => ({
  fields: FIELDS,
  body: bodyOf(Buffer.from('hello')),
  maxBodyBytes: 1_000,
  onEnd,
  ...given,
});

/** One call, to its end. */
export const call = (connection: Connection, given: Partial<Request> = {}): Promise<Call> =>
  new Promise((resolve) => {
    connection.request(requestOf(resolve, given));
  });

/** A call's end in a word: `answered 200 "body"`, `reset 11`, `lost H2_PROTOCOL_ERROR`. */
export const summary = ({ ending, head, body, h2Code, error }: Call): string => {
  if (ending === 'answered') return `answered ${head?.status} "${body.toString('latin1')}"`;
  const why = (error as { code?: string } | undefined)?.code ?? h2Code;
  return `${ending} ${why}`;
};
