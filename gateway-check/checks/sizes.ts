import {
  COMET_CALL_MS,
  MAX_BODY_BYTES,
  MAX_KEYS_BYTES,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_OPS,
  MAX_ROOM_BYTES,
} from '../../lib/domain/limits.ts';
import { whetherDone } from '../answers.ts';
import type { Check } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import type { Op } from '../ops.ts';

/** Requests of partitions that come at once. */
const AT_ONCE = 8;

const thousand = ({ name, ops }: Gateway): Op[] =>
  Array.from({ length: MAX_REQUEST_OPS }, (_, index) => ops.room(`${name}/${index % 100}`));

/** Keys that are as many bytes of JSON as an op's may be. */
const mostKeys = (name: string): string[] => {
  const count = Math.floor((MAX_KEYS_BYTES - 1) / (name.length + 12));
  return Array.from({ length: count }, (_, index) => `${name}/${`${index}`.padStart(8, '0')}`);
};

/** A request that is exactly the largest, of bodies of the largest size that divides it. */
const largestRequest = ({ name, ops }: Gateway): string => {
  const part = { ...ops.room(name), body: 'AAAA'.repeat(MAX_REQUEST_BYTES / 16) };
  const parts = Array.from({ length: 3 }, (_, index) => ({ ...part, id: `${part.id}/${index}` }));
  const request = (filler: string) => JSON.stringify({ ops: [...parts, { ...part, body: 'AAAA' }] }) + filler;
  return request(' '.repeat(MAX_REQUEST_BYTES - Buffer.byteLength(request(''))));
};

/** How large a request, an op and its parts may be, and how many come at once. */
export const sizeChecks: readonly Check[] = [
  {
    id: 'thousand-ops',
    says: `a request may have ${MAX_REQUEST_OPS} ops`,
    run: async (gateway) =>
      whetherDone(await gateway.postOps(thousand(gateway)), MAX_REQUEST_OPS, `${MAX_REQUEST_OPS} ops`),
  },
  {
    id: 'largest-request',
    says: 'a request may have 4 MiB',
    run: async (gateway) =>
      whetherDone(await gateway.post(largestRequest(gateway)), 4, `${MAX_REQUEST_BYTES} bytes with 4 ops`),
  },
  {
    id: 'largest-body',
    says: 'a body of 1 MiB is delivered or refused',
    run: async ({ name, ops, postOps }) => {
      const came = await postOps([ops.room(name, 'x'.repeat(MAX_BODY_BYTES))]);
      return whetherDone(came, 1, `an op with a body of ${MAX_BODY_BYTES} bytes`);
    },
  },
  {
    id: 'most-keys',
    says: 'a push to 2 MiB of keys is delivered or refused',
    run: async ({ name, ops, postOps }) => {
      const keys = mostKeys(name);
      return whetherDone(await postOps([ops.push(keys)]), 1, `a push to ${keys.length} keys`);
    },
  },
  {
    id: 'longest-room',
    says: 'a room may have 4,096 bytes',
    run: async ({ name, ops, postOps }) => {
      const room = name.padEnd(MAX_ROOM_BYTES, 'x');
      return whetherDone(await postOps([ops.room(room)]), 1, `an op to a room of ${MAX_ROOM_BYTES} bytes`);
    },
  },
  {
    id: 'load',
    says: `${AT_ONCE} requests of ${MAX_REQUEST_OPS} ops that come at once are answered within ${COMET_CALL_MS / 1000} s`,
    run: async (gateway) => {
      const asked = Array.from({ length: AT_ONCE }, () => gateway.postOps(thousand(gateway)));
      const findings = (await Promise.all(asked)).map((came) =>
        whetherDone(came, MAX_REQUEST_OPS, `${MAX_REQUEST_OPS} ops, ${AT_ONCE} times at once`),
      );
      return findings.find((finding) => finding !== undefined);
    },
  },
];
