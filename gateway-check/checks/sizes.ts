import {
  MAX_BODY_BYTES,
  MAX_KEYS_BYTES,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_OPS,
  MAX_ROOM_BYTES,
} from '../../lib/domain/limits.ts';
import { doneOf, whetherDone } from '../answers.ts';
import type { Check } from '../check.ts';
import { wordsOf } from '../http.ts';
import type { Op } from '../ops.ts';
import { thousandOps } from './load.ts';

/** Keys that are as many bytes of JSON as an op's may be. */
const mostKeys = (name: string): string[] => {
  const count = Math.floor((MAX_KEYS_BYTES - 1) / (name.length + 12));
  return Array.from({ length: count }, (_, index) => `${name}/${`${index}`.padStart(8, '0')}`);
};

/** White space makes a request as large as that. */
const requestOf =
  (bytes: number) =>
  (ops: readonly Op[]): string => {
    const text = JSON.stringify({ ops });
    return text + ' '.repeat(bytes - Buffer.byteLength(text));
  };

/** How large a request, an op and its parts may be. */
export const sizeChecks: readonly Check[] = [
  {
    id: 'thousand-ops',
    says: `a request may have ${MAX_REQUEST_OPS} ops`,
    run: async (gateway) =>
      whetherDone(await gateway.deliver(thousandOps(gateway)), MAX_REQUEST_OPS, `${MAX_REQUEST_OPS} ops`),
  },
  {
    id: 'largest-request',
    says: 'a request may have 4 MiB',
    run: async ({ name, ops, deliver }) => {
      const sent = Array.from({ length: 4 }, () => ops.room(name, 'x'.repeat(MAX_REQUEST_BYTES / 6)));
      const what = `${MAX_REQUEST_BYTES} bytes with ${sent.length} ops`;
      return whetherDone(await deliver(sent, requestOf(MAX_REQUEST_BYTES)), sent.length, what);
    },
  },
  {
    id: 'too-large',
    says: 'a request that is larger than the gateway takes is answered 413',
    run: async ({ name, ops, post }) => {
      const came = await post(requestOf(MAX_REQUEST_BYTES + 1)([ops.room(name)]));
      if (typeof came === 'string') return `of ${MAX_REQUEST_BYTES + 1} bytes: ${came}`;
      if (doneOf(came, 1) === 1) return `it takes ${MAX_REQUEST_BYTES + 1} bytes`;
      return came.status === 413
        ? undefined
        : {
            sent: `POST /v1/ops: ${MAX_REQUEST_BYTES + 1} bytes`,
            came: wordsOf(came),
            wanted: '413, or 200 and {"done":1}',
          };
    },
  },
  {
    id: 'largest-body',
    says: 'a body of 1 MiB is delivered or refused',
    run: async ({ name, ops, deliver }) => {
      const delivered = await deliver([ops.room(name, 'x'.repeat(MAX_BODY_BYTES))]);
      return whetherDone(delivered, 1, `an op with a body of ${MAX_BODY_BYTES} bytes`);
    },
  },
  {
    id: 'most-keys',
    says: 'a push to 2 MiB of keys is delivered or refused',
    run: async ({ name, ops, deliver }) => {
      const keys = mostKeys(name);
      return whetherDone(await deliver([ops.push(keys)]), 1, `a push to ${keys.length} keys`);
    },
  },
  {
    id: 'longest-room',
    says: 'a room may have 4,096 bytes',
    run: async ({ name, ops, deliver }) => {
      const room = name.padEnd(MAX_ROOM_BYTES, 'x');
      return whetherDone(await deliver([ops.room(room)]), 1, `an op to a room of ${MAX_ROOM_BYTES} bytes`);
    },
  },
];
