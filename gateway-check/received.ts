import { type Finding, firstFinding } from './check.ts';
import type { Gateway } from './gateway.ts';
import { inShort, wordsOf } from './http.ts';
import { namesOf, type Op } from './ops.ts';
import type { TestClient } from './test-client.ts';

/** Sends ops and looks what a client has then. */
export const whetherReceived = async (
  { postOps }: Gateway,
  ops: readonly Op[],
  wanted: readonly (readonly [client: TestClient, texts: readonly string[]])[],
  what = namesOf(ops),
): Promise<Finding | undefined> => {
  const sent = `POST /v1/ops: ${what}`;
  const came = await postOps(ops);
  const look = async ([client, texts]: (typeof wanted)[number]): Promise<Finding | undefined> => {
    const received = await client.received();
    if (received.length === texts.length && received.every((text, at) => text === texts[at]))
      return undefined;
    return {
      sent,
      came: `${wordsOf(came)}, and the client of ${client.key} has ${inShort(JSON.stringify(received))}`,
      wanted: inShort(JSON.stringify(texts)),
    };
  };
  return await firstFinding(wanted.map((one) => () => look(one)));
};
