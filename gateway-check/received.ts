import { type Finding, firstFinding } from './check.ts';
import type { Gateway } from './gateway.ts';
import { inShort, wordsOf } from './http.ts';
import { namesOf, type Op } from './ops.ts';
import type { TestClient } from './test-client.ts';

type Wanted = readonly (readonly [client: TestClient, texts: readonly string[]])[];

const isSame = (texts: readonly string[], others: readonly string[]): boolean =>
  texts.length === others.length && texts.every((text, at) => text === others[at]);

/** Sends ops and looks what a client has then. */
export const whetherReceived = async (
  { deliver }: Gateway,
  ops: readonly Op[],
  wanted: Wanted,
  what = namesOf(ops),
): Promise<Finding | undefined> => {
  const { came } = await deliver(ops);
  const look = async ([client, texts]: Wanted[number]): Promise<Finding | undefined> => {
    const received = await client.received();
    return isSame(received, texts)
      ? undefined
      : {
          sent: `POST /v1/ops: ${what}`,
          came: `${wordsOf(came)}, and the client of ${client.key} has ${inShort(JSON.stringify(received))}`,
          wanted: inShort(JSON.stringify(texts)),
        };
  };
  return await firstFinding(wanted.map((one) => () => look(one)));
};

/** Of those that it has, of which none need be there. */
export const whetherInOrder = async (
  client: TestClient,
  texts: readonly string[],
  what: string,
): Promise<Finding | undefined> => {
  const received = (await client.received()).filter((text) => texts.includes(text));
  const wanted = texts.filter((text) => received.includes(text));
  return isSame(received, wanted)
    ? undefined
    : {
        sent: `POST /v1/ops: ${what}`,
        came: `the client has ${inShort(JSON.stringify(received))}`,
        wanted: inShort(JSON.stringify(wanted)),
      };
};
