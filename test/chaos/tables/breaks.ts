import { setTimeout as pause } from 'node:timers/promises';
import type { Item, TableAnswer, TableRequest } from './wire.ts';
import { answer, tablesOf, writesOf } from './wire.ts';

/** A protection of parking that is taken out, on the way to the tables. */
export const BREAKS = ['consistent-read', 'put-before-raise', 'conditional-delete', 'token'] as const;
export type Break = (typeof BREAKS)[number];

export interface TableBreak {
  /** The request as it goes on to the tables, or an answer that it gets instead. */
  change(request: TableRequest, forward: Forward): { request: TableRequest } | { answer: TableAnswer };
  /** Sees each answer. */
  answered(request: TableRequest, text: string): void;
}

type Forward = (request: TableRequest) => Promise<TableAnswer>;

const isOf = (request: TableRequest, end: string): boolean =>
  tablesOf(request.body).some((table) => table.endsWith(`-${end}`));

const isUnmark = (request: TableRequest): boolean =>
  request.operation === 'DeleteItem' && isOf(request, 'behind');

const without = (request: TableRequest, ...names: string[]): TableRequest => ({
  ...request,
  body: Object.fromEntries(Object.entries(request.body).filter(([name]) => !names.includes(name))),
});

const CONDITION = ['ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'];

const inconsistent: TableBreak = {
  change: (request) => ({
    request:
      isOf(request, 'behind') || isOf(request, 'parked') ? without(request, 'ConsistentRead') : request,
  }),
  answered: () => {},
};

const unconditional: TableBreak = {
  change: (request) => ({ request: isUnmark(request) ? without(request, ...CONDITION) : request }),
  answered: () => {},
};

/** How long after its mark a run comes to the table. */
const PUT_AFTER_RAISE_MS = 700;
const PUT_WITHOUT_RAISE_MS = 3_000;

const createLatePuts = (): TableBreak => {
  const raisedBySandbox = new Map<string, PromiseWithResolvers<void>>();
  const raisedOf = (sandbox: string) => {
    const raised = raisedBySandbox.get(sandbox) ?? Promise.withResolvers<void>();
    raisedBySandbox.set(sandbox, raised);
    return raised;
  };
  return {
    change: (request, forward) => {
      const isPut = writesOf(request.body).some(({ write }) => write.PutRequest !== undefined);
      if (!isOf(request, 'parked') || !isPut) return { request };
      const put = async () => {
        await Promise.race([raisedOf(request.sandbox).promise, pause(PUT_WITHOUT_RAISE_MS)]);
        await pause(PUT_AFTER_RAISE_MS);
        await forward(request);
      };
      put().catch(() => {});
      return { answer: answer({ UnprocessedItems: {} }) };
    },
    answered: (request) => {
      if (request.operation !== 'UpdateItem' || !isOf(request, 'behind')) return;
      raisedBySandbox.get(request.sandbox)?.resolve();
      raisedBySandbox.delete(request.sandbox);
    },
  };
};

/** The condition that one would write first: the mark still has the offset that was read. */
const createOffsetCondition = (): TableBreak => {
  const throughByReader = new Map<string, Item[string]>();
  const readerOf = ({ sandbox, body }: TableRequest): string => `${sandbox} ${JSON.stringify(body.Key)}`;
  return {
    change: (request) => {
      const through = isUnmark(request) ? throughByReader.get(readerOf(request)) : undefined;
      if (through === undefined) return { request };
      const condition = {
        ConditionExpression: 'parkedThrough = :through',
        ExpressionAttributeValues: { ':through': through },
      };
      const plain = without(request, ...CONDITION);
      return { request: { ...plain, body: { ...plain.body, ...condition } } };
    },
    answered: (request, text) => {
      if (request.operation !== 'GetItem' || !isOf(request, 'behind')) return;
      const { Item } = JSON.parse(text) as { Item?: Item };
      const through = Item?.['parkedThrough'];
      if (through !== undefined) throughByReader.set(readerOf(request), through);
    },
  };
};

export const createBreak = (name: Break): TableBreak => {
  switch (name) {
    case 'consistent-read':
      return inconsistent;
    case 'put-before-raise':
      return createLatePuts();
    case 'conditional-delete':
      return unconditional;
    case 'token':
      return createOffsetCondition();
  }
};
