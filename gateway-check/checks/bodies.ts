import { MAX_BODY_BYTES } from '../../lib/domain/limits.ts';
import { doneOf, jsonOf } from '../answers.ts';
import type { Check, Finding } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import { type Came, inShort, wordsOf } from '../http.ts';

/** Every byte. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Pushes a body to a client and looks what it gets. */
const whetherArrives = async (
  { ops, connect, post }: Gateway,
  bytes: Buffer,
  what: string,
): Promise<Finding | string | undefined> => {
  const body = bytes.toString('base64');
  const client = await connect();
  const came = await post({ ops: [{ ...ops.push([client.key]), body }] });
  if (isRefused(came)) return `it refuses ${what}`;
  const bodies = await client.receivedBodies();
  return bodies.length === 1 && bodies[0] === body
    ? undefined
    : {
        sent: `POST /v1/ops: a push of ${what}`,
        came: `${wordsOf(came)}, and the client has ${inShort(JSON.stringify(bodies))}`,
        wanted: inShort(JSON.stringify([body])),
      };
};

const isRefused = (came: Came): boolean => {
  if (typeof came === 'string' || doneOf(came, 1) !== 1) return false;
  const { refused } = jsonOf(came) as { refused?: unknown };
  return Array.isArray(refused) && refused.length > 0;
};

/** What arrives of a body. */
export const bodyChecks: readonly Check[] = [
  {
    id: 'bytes',
    says: 'a body arrives byte for byte',
    needs: ['clients'],
    run: (gateway) => whetherArrives(gateway, BYTES, 'the bytes 0 to 255'),
  },
  {
    id: 'empty-arrives',
    says: 'an empty body arrives',
    needs: ['clients'],
    run: (gateway) => whetherArrives(gateway, Buffer.alloc(0), 'an empty body'),
  },
  {
    id: 'largest-arrives',
    says: 'a body of 1 MiB arrives, unless it is refused',
    needs: ['clients'],
    run: (gateway) => whetherArrives(gateway, Buffer.alloc(MAX_BODY_BYTES, BYTES), '1 MiB'),
  },
];
