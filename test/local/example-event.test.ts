import { expect, it } from 'vitest';
import example from '../../docs/example-event.json' with { type: 'json' };
import { readKafkaEvent } from '../../lib/kafka/event.ts';
import { partitionOf } from '../../local/topic/topic.ts';

it('the example event has a push of each kind, where goim would have put it', () => {
  const body = Buffer.from('{"test":1}').toString('base64');
  expect(readKafkaEvent(example, 0)).toMatchObject([
    { target: { type: 'push', comet: 'comet-1', keys: ['k1', 'k2'] }, operation: 1000, body },
    { target: { type: 'room', room: 'live://1000' }, operation: 1000, body },
    { target: { type: 'all', speed: 500 }, operation: 1000, body },
  ]);
  for (const { key, partition } of Object.values(example.records).flat()) {
    expect(partitionOf(Buffer.from(key, 'base64'), 4)).toBe(partition);
  }
});
