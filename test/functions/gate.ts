import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { listenOn, shut } from '../../local/listening.ts';
import { tableNames } from '../../local/tables.ts';

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: string;
}

const ROLES = {
  dispatch: 'DispatchRole',
  deliver: 'DeliverRole',
  redeliver: 'RedeliverRole',
  'merge-rooms': 'MergeRoomsRole',
};
export type FunctionFile = keyof typeof ROLES;

const { resources } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true });

/** Such as `Query BehindTable/index/by-comet`: an action of DynamoDB's, and on what serverless.yml says it may be done. */
export const allowedFor = (file: FunctionFile): string[] => {
  const statements: Statement[] =
    resources.Resources[ROLES[file]].Properties.Policies[0].PolicyDocument.Statement;
  return statements.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => {
      const [, operation] = action.match(/^dynamodb:(\w+)$/) ?? [];
      return operation
        ? `${operation} ${Resource.replace(/^\$\{(\w+)\.Arn\}/, '$1').replace(/\.Arn$/, '')}`
        : [];
    }),
  );
};

const logicalIdByName = new Map(Object.entries(tableNames()).map(([id, name]) => [name, id]));

/** What IAM would be asked for a request. */
const usesOf = (target: string, body: string): string[] => {
  const operation = target.split('.')[1] ?? '';
  const { TableName, IndexName, RequestItems = {} } = JSON.parse(body);
  const index = IndexName === undefined ? '' : `/index/${IndexName}`;
  const names = TableName === undefined ? Object.keys(RequestItems) : [TableName];
  return names.map((name) => `${operation} ${logicalIdByName.get(name) ?? name}${index}`);
};

/** In front of the tables: each function may do what its role in serverless.yml allows. */
export const startGate = async (tables: string) => {
  const asked: { readonly file: string; readonly use: string }[] = [];
  const server = createServer(async (request, response) => {
    const file = (request.url ?? '').split('/')[1] as FunctionFile;
    const headers = request.headers as Record<string, string>;
    const body = await text(request);
    const uses = usesOf(headers['x-amz-target'] ?? '', body);
    asked.push(...uses.map((use) => ({ file, use })));
    const denied = uses.filter((use) => !allowedFor(file).includes(use));
    if (denied.length > 0) {
      const type = 'com.amazon.coral.service#AccessDeniedException';
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: type, message: `${file} may not ${denied}` }));
      return;
    }
    const { 'content-length': _length, connection: _connection, host: _host, ...passed } = headers;
    const answer = await fetch(tables, { method: 'POST', headers: passed, body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  return {
    /** Of the tables, for one function. */
    endpoint: (file: FunctionFile) => `http://127.0.0.1:${port}/${file}`,
    /** What each function asked to do, allowed or not. */
    usedBy: (file: FunctionFile): string[] => [
      ...new Set(asked.filter((one) => one.file === file).map(({ use }) => use)),
    ],
    close: () => shut(server),
  };
};
