import { encodeV2, type PushTarget } from '../../local/commands/push-record.ts';
import type { Topic } from '../../local/topic/topic.ts';
import type { ClientPlace } from './clients-child.ts';

const TICK_MS = 50;
const BODY = Buffer.alloc(100, 'x');
const OPERATION = 1000;

export interface Receiver extends ClientPlace {
  readonly comet: string;
}

/** PUSH, ROOM and ALL as 80 : 19 : 1. */
const targetOf = (index: number, receivers: readonly Receiver[]): PushTarget => {
  const { comet, key, room } = receivers[index % receivers.length] as Receiver;
  const place = index % 100;
  if (place === 99) return { type: 'all', speed: 0 };
  return place % 5 === 4 ? { type: 'room', room } : { type: 'push', comet, keys: [key] };
};

/** Steady records to connected clients; answers how many, once it is stopped. */
export const startTraffic = (topic: Topic, receivers: readonly Receiver[], recordsPerS: number) => {
  let index = 0;
  const timer = setInterval(() => {
    const records = Array.from({ length: (recordsPerS * TICK_MS) / 1000 }, () =>
      encodeV2({ target: targetOf(index++, receivers), operation: OPERATION, body: BODY }),
    );
    topic.append(records);
  }, TICK_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return index;
    },
  };
};
