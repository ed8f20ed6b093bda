import { type Chunk, cut, encodeOp, opOf } from '../lib/domain/batch.ts';
import type { PushMessage } from '../lib/domain/push-message.ts';
import { readKafkaEvent } from '../lib/kafka/event.ts';
import { eventJson, pushTo } from './events.ts';

/** Decoded PUSH records of 100 bytes, all for one comet. */
export const pushMessages = (count: number): PushMessage[] =>
  readKafkaEvent(JSON.parse(eventJson(count, pushTo(1), 100)), Date.now()).filter(
    (record): record is PushMessage => 'target' in record,
  );

/** Their ops as one chunk. */
export const pushChunk = (count: number): Chunk => {
  const ops = pushMessages(count).map((message) => encodeOp(opOf(message, 1)));
  return cut(ops, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)[0] as Chunk;
};
