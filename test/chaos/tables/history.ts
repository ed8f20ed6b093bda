import { answer, type Item, refusal, type TableAnswer, type TableRequest } from './wire.ts';

export interface TableKeys {
  readonly hash: string;
  readonly range: string | undefined;
  /** By index. */
  readonly indexes: ReadonlyMap<string, { readonly hash: string; readonly range: string | undefined }>;
}

interface Version {
  readonly at: number;
  /** Undefined: deleted. */
  readonly item: Item | undefined;
}

/** What the tables held a moment ago, for reads that do not ask for consistency. */
export interface TableHistory {
  note(table: string, item: Item, now: Item | undefined): void;
  keyOf(table: string, item: Item): Item;
  /** The answer to a read, `lagMs` behind. */
  read(request: TableRequest, lagMs: number): TableAnswer;
}

/** More than any read lags behind. */
const KEPT_MS = 5_000;

const textOf = (value: Readonly<Record<string, unknown>> | undefined): string =>
  String(Object.values(value ?? {})[0] ?? '');

/** The only form that the stores use: `#name = :value`. */
const EQUALS = /^\s*([#\w]+)\s*=\s*(:\w+)\s*$/;

const project = (item: Item, names: readonly (string | undefined)[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));

const prune = (versions: Version[], now: number): void => {
  while ((versions[1]?.at ?? now) < now - KEPT_MS) versions.shift();
};

export const createTableHistory = (keysByTable: ReadonlyMap<string, TableKeys>): TableHistory => {
  const versionsByTable = new Map<string, Map<string, Version[]>>();
  const schemaOf = (table: string): TableKeys => {
    const keys = keysByTable.get(table);
    if (keys === undefined) throw new Error(`no table ${table}`);
    return keys;
  };
  const keyOf = (table: string, item: Item): Item => {
    const { hash, range } = schemaOf(table);
    return project(item, [hash, range]);
  };
  const asOf = (table: string, at: number): Item[] =>
    [...(versionsByTable.get(table)?.values() ?? [])]
      .map((versions) => versions.findLast((version) => version.at <= at)?.item)
      .filter((item) => item !== undefined);

  const query = (request: TableRequest, items: readonly Item[]): TableAnswer => {
    const { TableName = '', IndexName, KeyConditionExpression = '' } = request.body;
    const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = request.body;
    const [, name = '', value = ''] = EQUALS.exec(KeyConditionExpression) ?? [];
    const table = schemaOf(TableName);
    const keys = IndexName === undefined ? table : table.indexes.get(IndexName);
    if (name === '' || keys === undefined) return refusal('ValidationException');
    const attribute = names[name] ?? name;
    const { range } = keys;
    const found = items
      .filter((item) => textOf(item[attribute]) === textOf(values[value]))
      .sort((a, b) => (range !== undefined && textOf(a[range]) < textOf(b[range]) ? -1 : 1))
      .map((item) =>
        IndexName === undefined ? item : project(item, [table.hash, table.range, keys.hash, keys.range]),
      );
    return answer({ Items: found, Count: found.length, ScannedCount: found.length });
  };

  return {
    keyOf,
    note: (table, item, now) => {
      const versionsByKey = versionsByTable.get(table) ?? new Map<string, Version[]>();
      versionsByTable.set(table, versionsByKey);
      const key = JSON.stringify(keyOf(table, item));
      const versions = versionsByKey.get(key) ?? [];
      versionsByKey.set(key, versions);
      const at = performance.now();
      versions.push({ at, item: now });
      prune(versions, at);
      if (now === undefined) {
        setTimeout(() => {
          if (versions.at(-1)?.at === at) versionsByKey.delete(key);
        }, KEPT_MS).unref();
      }
    },
    read: (request, lagMs) => {
      const { TableName = '', Key } = request.body;
      const items = asOf(TableName, performance.now() - lagMs);
      switch (request.operation) {
        case 'GetItem': {
          const key = JSON.stringify(Key);
          const item = items.find((one) => JSON.stringify(keyOf(TableName, one)) === key);
          return answer(item === undefined ? {} : { Item: item });
        }
        case 'Query':
          return query(request, items);
        default:
          return answer({ Items: items, Count: items.length, ScannedCount: items.length });
      }
    },
  };
};
