import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { KEEP_ALIVE_MS, listenOn, shut } from '../../../local/listening.ts';
import { type Break, createBreak } from './breaks.ts';
import { createTableFaults, type TableFault, type TableFaults } from './faults.ts';
import { createTableHistory, type TableHistory, type TableKeys } from './history.ts';
import {
  answer,
  type BatchKeys,
  type Item,
  isWrite,
  refusal,
  type TableAnswer,
  type TableBody,
  type TableRequest,
  writesOf,
} from './wire.ts';

export interface TableProxyOptions {
  /** Of the tables themselves. */
  readonly endpoint: string;
  /** Whether the sandbox is dead: none of its requests does anything or is answered. */
  readonly isDead: (sandbox: string) => boolean;
  readonly kill: (sandbox: string) => void;
  /** 0 up to but not including 1. */
  readonly random: () => number;
  /** How far reads that do not ask for consistency lag behind, at most. */
  readonly maxLagMs: number;
  readonly broken?: Break | undefined;
  /** Before a request goes on; it waits for this. */
  readonly onRequest?: (request: TableRequest) => Promise<void> | undefined;
}

/** DynamoDB's JSON protocol with faults. A client's endpoint is `<url>/<sandbox>`. */
export interface TableProxy {
  readonly url: string;
  readonly faults: TableFaults;
  /** Of stale answers. */
  staleReads(): number;
  /** Past all faults; throws unless it is done. */
  call(operation: string, body: TableBody): Promise<unknown>;
  close(): Promise<void>;
}

/** Of the proxy's own requests. */
const OWN = '';
const MIN_LAG_MS = 100;

const readText = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const createForward = (endpoint: string) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const forward = ({ operation, body }: TableRequest): Promise<TableAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<TableAnswer>();
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    };
    const outgoing = httpRequest(endpoint, { method: 'POST', agent, headers }, (incoming) => {
      readText(incoming).then((text) => resolve({ status: incoming.statusCode ?? 500, body: text }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
    return promise;
  };
  return { forward, close: () => agent.destroy() };
};

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

const keysOf = (schema: readonly KeyElement[]) => ({
  hash: schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
  range: schema.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName,
});

type Call = TableProxy['call'];

const readKeys = async (call: Call): Promise<Map<string, TableKeys>> => {
  const { TableNames } = (await call('ListTables', {})) as { TableNames: string[] };
  const keys = new Map<string, TableKeys>();
  for (const name of TableNames) {
    const { Table } = (await call('DescribeTable', { TableName: name })) as {
      Table: {
        KeySchema: KeyElement[];
        GlobalSecondaryIndexes?: { IndexName: string; KeySchema: KeyElement[] }[];
      };
    };
    const indexes = (Table.GlobalSecondaryIndexes ?? []).map(
      ({ IndexName, KeySchema }) => [IndexName, keysOf(KeySchema)] as const,
    );
    keys.set(name, { ...keysOf(Table.KeySchema), indexes: new Map(indexes) });
  }
  return keys;
};

/** Notes what a write that was done has changed. */
const createNotes = (history: TableHistory, call: Call) => {
  const noteOne = async (TableName: string, item: Item): Promise<void> => {
    const Key = history.keyOf(TableName, item);
    const { Item } = (await call('GetItem', { TableName, Key, ConsistentRead: true })) as { Item?: Item };
    history.note(TableName, Key, Item);
  };
  const noteBatch = (body: TableBody, left: ReturnType<typeof writesOf>): void => {
    const undone = new Set(left.map(({ write }) => JSON.stringify(write)));
    for (const { table, write } of writesOf(body)) {
      const { PutRequest, DeleteRequest } = write;
      if (undone.has(JSON.stringify(write))) continue;
      history.note(table, PutRequest?.Item ?? DeleteRequest?.Key ?? {}, PutRequest?.Item);
    }
  };
  return async (request: TableRequest, { status, body }: TableAnswer): Promise<void> => {
    const { TableName, Item, Key } = request.body;
    if (status !== 200 || !isWrite(request)) return;
    if (TableName !== undefined) return await noteOne(TableName, Item ?? Key ?? {});
    const { UnprocessedItems } = JSON.parse(body) as { UnprocessedItems?: TableBody['RequestItems'] };
    noteBatch(request.body, writesOf({ RequestItems: UnprocessedItems ?? {} }));
  };
};

/** A batch in two: what is done and what is left. */
const split = (request: TableRequest, random: () => number) => {
  const [[table, items] = ['', []]] = Object.entries(request.body.RequestItems ?? {});
  const isKeys = 'Keys' in items;
  const all: readonly unknown[] = isKeys ? items.Keys : items;
  const count = Math.floor(random() * all.length);
  const listOf = (part: readonly unknown[]) => (isKeys ? { ...items, Keys: part } : part);
  const part = (from: number, to: number) =>
    ({ [table]: listOf(all.slice(from, to)) }) as unknown as Record<string, BatchKeys>;
  return {
    done: count === 0 ? undefined : { ...request, body: { ...request.body, RequestItems: part(0, count) } },
    left: part(count, all.length),
    leftName: isKeys ? 'UnprocessedKeys' : 'UnprocessedItems',
    nothingDone: isKeys ? { Responses: { [table]: [] } } : {},
  };
};

/** Undefined: no answer. */
type MaybeAnswer = TableAnswer | undefined;

const isStale = ({ operation, body }: TableRequest): boolean =>
  ['GetItem', 'Query', 'Scan'].includes(operation) &&
  (body.IndexName !== undefined || body.ConsistentRead !== true);

export const startTableProxy = async (options: TableProxyOptions): Promise<TableProxy> => {
  const { endpoint, isDead, kill, random, maxLagMs, onRequest } = options;
  const faults = createTableFaults();
  const { forward, close } = createForward(endpoint);
  const call: Call = async (operation, body) => {
    const { status, body: text } = await forward({ sandbox: OWN, operation, body });
    if (status !== 200) throw new Error(`${operation}: ${status} ${text}`);
    return JSON.parse(text);
  };
  const history = createTableHistory(await readKeys(call));
  const note = createNotes(history, call);
  const broken = options.broken === undefined ? undefined : createBreak(options.broken);
  let stale = 0;

  const execute = async (request: TableRequest): Promise<TableAnswer> => {
    if (isStale(request)) {
      stale += 1;
      return history.read(request, MIN_LAG_MS + random() * (maxLagMs - MIN_LAG_MS));
    }
    const done = await forward(request);
    await note(request, done);
    return done;
  };

  const perform = async (request: TableRequest): Promise<TableAnswer> => {
    const changed = broken?.change(request, execute) ?? { request };
    if ('answer' in changed) return changed.answer;
    const done = await execute(changed.request);
    if (done.status === 200) broken?.answered(request, done.body);
    return done;
  };

  const partly = async (request: TableRequest): Promise<TableAnswer> => {
    const { done, left, leftName, nothingDone } = split(request, random);
    if (done === undefined) return answer({ ...nothingDone, [leftName]: left });
    const performed = await perform(done);
    return performed.status === 200 ? answer({ ...JSON.parse(performed.body), [leftName]: left }) : performed;
  };

  const withFault = async (fault: TableFault, request: TableRequest): Promise<MaybeAnswer> => {
    switch (fault.kind) {
      case 'throttle':
        return refusal('ProvisionedThroughputExceededException');
      case 'error':
        return refusal('InternalServerError', 500);
      case 'unanswered':
        return undefined;
      case 'done-unanswered':
        return void (await perform(request));
      case 'unprocessed':
        return await partly(request);
      case 'late':
        await pause(fault.lateMs ?? 0);
        return await perform(request);
      case 'late-answer': {
        const done = await perform(request);
        await pause(fault.lateMs ?? 0);
        return done;
      }
      case 'kill-before':
        return void kill(request.sandbox);
      case 'kill-after':
        await perform(request);
        return void kill(request.sandbox);
    }
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const sandbox = (incoming.url ?? '').split('/')[1] ?? '';
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const request: TableRequest = { sandbox, operation, body: JSON.parse(await readText(incoming)) };
    if (isDead(sandbox)) return;
    const fault = faults.take(request);
    await onRequest?.(request);
    const answered = fault === undefined ? await perform(request) : await withFault(fault, request);
    if (answered === undefined || isDead(sandbox)) return;
    outgoing.writeHead(answered.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answered.body);
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    staleReads: () => stale,
    call,
    close: async () => {
      await shut(server);
      close();
    },
  };
};
