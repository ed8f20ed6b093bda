/** An item as DynamoDB's JSON has it: `{"id":{"S":"x"}}`. */
export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Write {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

/** What any operation's body may have. */
export interface TableBody {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly ConsistentRead?: boolean;
  readonly Key?: Item;
  readonly Item?: Item;
  /** By table; of a BatchGet its keys, of a BatchWrite its writes. */
  readonly RequestItems?: Readonly<Record<string, BatchKeys | readonly Write[]>>;
  readonly KeyConditionExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

export interface BatchKeys {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}

export interface TableAnswer {
  readonly status: number;
  readonly body: string;
}

/** A request and who sent it: the first part of the endpoint's path. */
export interface TableRequest {
  readonly sandbox: string;
  /** Like `GetItem`. */
  readonly operation: string;
  readonly body: TableBody;
}

export const answer = (body: object, status = 200): TableAnswer => ({ status, body: JSON.stringify(body) });

export const refusal = (name: string, status = 400): TableAnswer =>
  answer(
    { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'a fault that was asked for' },
    status,
  );

export const tablesOf = ({ TableName, RequestItems }: TableBody): string[] =>
  TableName === undefined ? Object.keys(RequestItems ?? {}) : [TableName];

export const writesOf = ({ RequestItems = {} }: TableBody): { table: string; write: Write }[] =>
  Object.entries(RequestItems).flatMap(([table, writes]) =>
    'Keys' in writes ? [] : writes.map((write) => ({ table, write })),
  );

const WRITES = new Set(['BatchWriteItem', 'PutItem', 'UpdateItem', 'DeleteItem']);

export const isWrite = ({ operation }: TableRequest): boolean => WRITES.has(operation);
