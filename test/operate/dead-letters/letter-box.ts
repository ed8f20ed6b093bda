import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach } from 'vitest';
import type { DeadLetter } from '../../../lib/domain/dead-letter.ts';
import type { Op } from '../../../lib/domain/op.ts';
import { coordinatesOf } from '../../../lib/domain/push-message.ts';
import { createDeadLettersTable, createDeadLettersWriter } from '../../../lib/store/dead-letters.ts';
import { createParkedTable } from '../../../lib/store/parked.ts';
import { tableNames } from '../../../local/tables.ts';
import { connect } from '../../../operate/connect.ts';
import { openStage } from '../../../operate/stage.ts';
import type { Terminal } from '../../../operate/terminal.ts';
import { openTestDynamoDb } from '../../store/test-dynamodb.ts';
import { startTestTables } from '../../tables.ts';

export const DIED = 1_700_000_000_000;
export const SECRET_BODY = 'c2VjcmV0LWJvZHk=';
export const SECRET_KEY = 'secret-key';

export const pushOp = (offset: number, more: Partial<Op> = {}): Op =>
  ({
    id: `t/0/${offset}`,
    type: 'push',
    keys: [SECRET_KEY],
    operation: 9,
    body: SECRET_BODY,
    timestamp: DIED - 60_000,
    ...more,
  }) as Op;

export const opLetter = (
  op: Op,
  comet = 'comet-1',
  reason: DeadLetter['reason'] = 'refused',
): DeadLetter => ({
  id: `${op.id}#${comet}#${reason}`,
  kind: 'op',
  reason,
  ...coordinatesOf(op.id),
  timestamp: op.timestamp,
  comet,
  original: JSON.stringify(op),
});

export const recordLetter = (
  offset: number,
  original: object = { key: SECRET_KEY, value: SECRET_BODY, headers: [] },
  partition = 0,
): DeadLetter => ({
  id: `t/${partition}/${offset}#malformed`,
  kind: 'record',
  reason: 'value-not-base64',
  topic: 't',
  partition,
  offset,
  timestamp: DIED - 60_000,
  original: JSON.stringify(original),
});

export interface Invoked {
  readonly name: string;
  readonly event: Record<string, unknown>;
}

/** What a function of the scripted Lambda does: a status, a body and, if it failed, that. */
export type Answer = (invoked: Invoked) => Promise<{ status?: number; body?: object; failed?: boolean }>;

const startLambda = async (invoked: Invoked[], answer: { now: Answer }): Promise<Server> => {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const name = request.url?.split('/')[3] ?? '';
    const invocation = { name, event: JSON.parse(text) };
    invoked.push(invocation);
    const { status = 200, body = {}, failed = false } = await answer.now(invocation);
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(failed ? { 'X-Amz-Function-Error': 'Unhandled' } : {}),
      ...(status === 429 ? { 'x-amzn-ErrorType': 'TooManyRequestsException' } : {}),
    });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

/** The command's tables, a Lambda that is told what to answer, and a terminal that remembers what it was told. */
const openLetterBox = async () => {
  const tables = await startTestTables();
  const invoked: Invoked[] = [];
  const answer: { now: Answer } = { now: async () => ({}) };
  const lambda = await startLambda(invoked, answer);
  const port = (url: string): number => Number(new URL(url).port);
  const ports = { tables: port(tables.endpoint), lambda: (lambda.address() as AddressInfo).port };
  const names = tableNames();
  const client = openTestDynamoDb(tables.endpoint);
  const table = names['DeadLettersTable'] ?? '';
  const stage = openStage({ stage: 'dev', ports });

  const itemsOf = async (name: string): Promise<Record<string, AttributeValue>[]> => {
    const { Items = [] } = await client.send(
      new ScanCommand({ TableName: names[name], ConsistentRead: true }),
    );
    return Items;
  };

  return {
    ports,
    invoked,
    answer,
    letters: createDeadLettersTable(client, table),
    parked: createParkedTable(client, names['ParkedTable'] ?? ''),
    write: (letters: readonly DeadLetter[], diedAt = DIED) =>
      createDeadLettersWriter(client, table, () => diedAt).write(letters),
    put: (item: Record<string, AttributeValue>) =>
      client.send(new PutItemCommand({ TableName: table, Item: item })),
    idsLeft: async () => (await itemsOf('DeadLettersTable')).map(({ id }) => id?.S ?? '').sort(),
    /** As `redeliver` does once a comet has caught up. */
    settle: async () => {
      for (const { partition, comet } of await itemsOf('BehindTable')) {
        const Key = { partition: partition as AttributeValue, comet: comet as AttributeValue };
        await client.send(new DeleteItemCommand({ TableName: names['BehindTable'], Key }));
      }
    },
    marks: async () =>
      (await itemsOf('BehindTable')).map(({ comet, partition, parkedThrough }) => [
        comet?.S,
        partition?.S,
        Number(parkedThrough?.N),
      ]),
    /** What replay works on, with a terminal of its own. */
    connect: (signal: AbortSignal = new AbortController().signal) => {
      const out: string[] = [];
      const err: string[] = [];
      const terminal: Terminal = {
        out: (line) => void out.push(line),
        err: (line) => void err.push(line),
        now: () => DIED + 7_200_000,
        signal,
      };
      // `redeliver` deals at once with what is parked, unless a test has it otherwise.
      const deps = { ...connect(stage, terminal), behind: { readMark: async () => undefined } };
      return { out, err, terminal, deps };
    },
    close: async () => {
      client.destroy();
      stage.close();
      lambda.closeAllConnections();
      await new Promise((resolve) => lambda.close(resolve));
      await tables.close();
    },
  };
};

export type LetterBox = Awaited<ReturnType<typeof openLetterBox>>;

/** The letter box of the test that runs, empty at its beginning. */
export let box: LetterBox;

/** Gives each test of a file a letter box of its own. */
export const useLetterBox = (): void => {
  beforeEach(async () => {
    box = await openLetterBox();
  });
  afterEach(() => box.close());
};
