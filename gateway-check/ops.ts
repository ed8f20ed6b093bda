import type { components } from '../docs/comet-api.d.ts';

export type Op = components['schemas']['Op'];

/** Operations that the clients of a check accept, and do not. */
export const ACCEPTED = 1000;
export const OTHER = 1001;

const TEXT = '{"test":1}';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Makes ops whose ids begin with the check's own, and are no two the same. */
export const createOps = (prefix: string) => {
  let offset = 0;
  const base = (text: string) => ({
    id: `${prefix}/${offset++}`,
    operation: ACCEPTED,
    body: base64(text),
    timestamp: Date.now(),
  });
  return {
    push: (keys: string[], text = TEXT) => ({ ...base(text), type: 'push' as const, keys }),
    room: (room: string, text = TEXT) => ({ ...base(text), type: 'room' as const, room }),
    all: (text = TEXT, speed = 0) => ({ ...base(text), type: 'all' as const, speed }),
  };
};

/** In words, such as `3 ops (room, room, push)`. */
export const namesOf = (ops: readonly Op[]): string => {
  const count = `${ops.length} op${ops.length === 1 ? '' : 's'}`;
  return ops.length > 5 ? count : `${count} (${ops.map(({ type }) => type).join(', ')})`;
};
