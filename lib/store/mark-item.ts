import type { Mark } from '../domain/mark.ts';
import type { Item } from './dynamodb.ts';

export const keyOf = ({ partition, comet }: Pick<Mark, 'partition' | 'comet'>): Item => ({
  partition: { S: partition },
  comet: { S: comet },
});

export const markOf = (item: Item): Mark => ({
  partition: item['partition']?.S ?? '',
  comet: item['comet']?.S ?? '',
  parkedThrough: Number(item['parkedThrough']?.N ?? 0),
  ...(item['retryAt']?.N === undefined ? {} : { retryAt: Number(item['retryAt'].N) }),
  token: item['token']?.S ?? '',
});
