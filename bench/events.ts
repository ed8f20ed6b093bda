import { randomBytes } from 'node:crypto';
import type { Comet } from '../lib/domain/fleet.ts';
import { encodeV2, type PushTarget } from '../local/commands/push-record.ts';
import { type KafkaRecord, toKafkaEvent } from '../local/event-source/batch.ts';

const TOPIC = 'goim-push-topic';
const PARTITIONS = 4;
const FIRST_OFFSET = 1_000_000;
const OPERATION = 1000;
const ORIGIN = {
  eventSourceArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/demo/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-1',
  bootstrapServers: 'b-1.demo.a1b2c3.c1.kafka.us-east-1.amazonaws.com:9098',
};

/** A record's target by its place in the event. */
export type TargetOf = (index: number) => PushTarget;

export const cometId = (index: number): string => `comet-${index + 1}`;
export const roomId = (index: number): string => `live://${1000 + index}`;

export const makeComets = (count: number, addressOf: (id: string) => string): Comet[] =>
  Array.from({ length: count }, (_, index) => ({
    id: cometId(index),
    addresses: [addressOf(cometId(index))],
  }));

/** Each record to one connection of its own. */
export const pushTo =
  (comets: number): TargetOf =>
  (index) => ({
    type: 'push',
    comet: cometId(index % comets),
    keys: [`key-${String(index).padStart(8, '0')}`],
  });

export const roomOf =
  (rooms: number): TargetOf =>
  (index) => ({ type: 'room', room: roomId(index % rooms) });

export const toAll: TargetOf = () => ({ type: 'all', speed: 0 });

/** PUSH, ROOM and ALL as 80 : 19 : 1. */
export const mixed =
  (comets: number, rooms: number): TargetOf =>
  (index) => {
    const place = index % 100;
    if (place === 99) return toAll(index);
    return place % 5 === 4 ? roomOf(rooms)(index) : pushTo(comets)(index);
  };

const encodedValue = (target: PushTarget, bodyBytes: number): Buffer =>
  encodeV2({ target, operation: OPERATION, body: randomBytes(bodyBytes) }).value;

/** A value of this many bytes in all, its target and operation included. */
const valueOfBytes = (target: PushTarget, bytes: number): Buffer => {
  // A longer body's length takes more bytes: one more try corrects that.
  const first = encodedValue(target, bytes);
  const body = bytes - (first.length - bytes);
  const second = encodedValue(target, body);
  return second.length === bytes ? second : encodedValue(target, body + bytes - second.length);
};

/** An event's JSON as Lambda makes it: goim v2 records whose values have `valueBytes`, over four partitions. */
export const eventJson = (records: number, targetOf: TargetOf, valueBytes: number): string => {
  const timestamp = Date.now();
  const all = Array.from({ length: records }, (_, index): KafkaRecord => {
    const target = targetOf(index);
    return {
      topic: TOPIC,
      partition: index % PARTITIONS,
      offset: FIRST_OFFSET + Math.floor(index / PARTITIONS),
      timestamp,
      timestampType: 'CREATE_TIME',
      key: Buffer.from(target.type === 'push' ? target.keys[0] : TOPIC),
      value: valueOfBytes(target, valueBytes),
      headers: [],
    };
  });
  return JSON.stringify(toKafkaEvent(all, ORIGIN));
};
