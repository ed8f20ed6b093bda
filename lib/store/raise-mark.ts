import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Mark } from '../domain/mark.ts';
import { ServiceError } from '../errors.ts';
import { attempted, callOptions, conditional } from './dynamodb.ts';
import { keyOf } from './mark-item.ts';

/** Of each outcome that is possible between two attempts; who asks again sees what the other one did. */
const RAISES = 5;

const notRaised = (): ServiceError =>
  new ServiceError('STORE_FAILED', 'A mark could not be raised: it came and went each time', {
    retryable: true,
  });

/** The mark by its new offset; or only its token, where the offset is higher already. */
const raiseOf = (table: string, mark: Mark, isInFleet: boolean, by: 'offset' | 'token') => {
  const sets = [
    '#token = :token',
    ...(by === 'offset' ? ['#through = :through'] : []),
    ...(isInFleet ? ['#woken = :true'] : []),
    ...(mark.retryAt === undefined ? [] : ['#retryAt = :retryAt']),
  ];
  const isLower = 'attribute_not_exists(#through) OR #through <= :through';
  return new UpdateItemCommand({
    TableName: table,
    Key: keyOf(mark),
    UpdateExpression: `SET ${sets.join(', ')}`,
    ConditionExpression: by === 'offset' ? isLower : '#through > :through',
    ExpressionAttributeNames: {
      '#token': 'token',
      '#through': 'parkedThrough',
      ...(isInFleet ? { '#woken': 'woken' } : {}),
      ...(mark.retryAt === undefined ? {} : { '#retryAt': 'retryAt' }),
    },
    ExpressionAttributeValues: {
      ':token': { S: mark.token },
      ':through': { N: String(mark.parkedThrough) },
      ...(isInFleet ? { ':true': { BOOL: true } } : {}),
      ...(mark.retryAt === undefined ? {} : { ':retryAt': { N: String(mark.retryAt) } }),
    },
    ReturnValues: 'UPDATED_OLD',
  });
};

/** Answers whether the mark may be new, or made before its comet was in the fleet. Undefined: the condition did not hold. */
const update = async (
  client: DynamoDBClient,
  commandOf: () => UpdateItemCommand,
  isInFleet: boolean,
): Promise<boolean | undefined> => {
  let attempts = 0;
  let isNew = false;
  const held = await conditional(
    attempted(async () => {
      attempts += 1;
      const { Attributes: old } = await client.send(commandOf(), callOptions());
      // An attempt that was not answered may have made the mark.
      isNew = attempts > 1 || old?.[isInFleet ? 'woken' : 'token'] === undefined;
    }),
  );
  return held ? isNew : undefined;
};

/** See `BehindWriter`. Rejects with the client's `ServiceError`s. */
export const raiseMark = async (
  client: DynamoDBClient,
  table: string,
  mark: Mark,
  isInFleet: boolean,
): Promise<boolean> => {
  // A token a request: one that was not answered and lands late must not bring back the token of a mark that was read since.
  let requests = 0;
  const commandBy = (by: 'offset' | 'token') => (): UpdateItemCommand =>
    raiseOf(table, { ...mark, token: `${mark.token}.${++requests}` }, isInFleet, by);
  for (let raises = 0; raises < RAISES; raises++) {
    const isNew =
      (await update(client, commandBy('offset'), isInFleet)) ??
      (await update(client, commandBy('token'), isInFleet));
    if (isNew !== undefined) return isNew;
  }
  throw notRaised();
};
