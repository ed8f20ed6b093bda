import type { PushFormat } from '../../console/server/local-side.ts';
import { opId } from '../../lib/domain/push-message.ts';
import { encodeV1, encodeV2, type Push, type PushRecord, type PushTarget } from '../commands/push-record.ts';
import type { RecordSource } from '../set/record-source.ts';
import type { Pushed } from './paths.ts';

const nameOf = (target: PushTarget): string => {
  switch (target.type) {
    case 'room':
      return `room ${target.room}`;
    case 'push':
      return `${target.keys.join(', ')} on ${target.comet}`;
    case 'all':
      return 'everyone';
  }
};

const isInt32 = (text: string): boolean => String(Number(text) | 0) === text;

const hasNumbers = (target: PushTarget): boolean => {
  switch (target.type) {
    case 'room':
      return isInt32(target.room);
    case 'push':
      return isInt32(target.comet);
    case 'all':
      return true;
  }
};

const recordOf = (push: Push, format: PushFormat): PushRecord | undefined => {
  if (format === 'v2') return encodeV2(push);
  return hasNumbers(push.target) ? encodeV1(push) : undefined;
};

/** Appends a record to the embedded topic and tells of it before anybody can have read it. Undefined: it is there. */
export const createPush =
  ({ topicName, append }: Pick<RecordSource, 'topicName' | 'append'>, onPushed: (pushed: Pushed) => void) =>
  async (push: Push, format: PushFormat): Promise<string | undefined> => {
    if (append === undefined) return 'the topic is a real Kafka: use npm run push';
    const record = recordOf(push, format);
    if (record === undefined) return "goim v1's comets and rooms are numbers";
    const positions = append([record]);
    if (positions === 'full') return 'the topic is full of records that wait';
    const [{ partition, offset } = { partition: 0, offset: 0 }] = positions;
    onPushed({
      id: opId({ topic: topicName, partition, offset }),
      target: nameOf(push.target),
      body: Buffer.from(push.body).toString('base64'),
      producedAt: Date.now(),
    });
    return undefined;
  };
