import { randomUUID } from 'node:crypto';
import { CommandError } from '../../local/commands/arguments.ts';
import { encodeV2, type Push, type PushRecord, type PushTarget } from '../../local/commands/push-record.ts';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { openKafkaProducer } from '../../local/kafka/produce.ts';
import { type Audience, OPERATION, type Seat } from './audience.ts';

/** Numbered pushes to each key, each room and all, so that a loss or an inversion shows in any of them. */
export interface Traffic {
  /** So many more of each, in the next numbers. Goes on trying while Kafka is away. */
  push(count: number): Promise<void>;
  /** Waits until everything pushed has come, and checks the order. */
  expectDelivered(): Promise<void>;
  /** How many records that are. */
  records(): number;
  /** How many of them have come to anyone. */
  arrived(): number;
  /** All that has come twice or more, over all connections. */
  repeats(): number;
  close(): Promise<void>;
}

interface Stream {
  readonly name: string;
  readonly target: PushTarget;
  readonly isFor: (seat: Seat) => boolean;
}

const streamsTo = (seats: readonly Seat[]): Stream[] => [
  ...seats.map(({ key, comet }) => ({
    name: key,
    target: { type: 'push', comet, keys: [key] } as const,
    isFor: (seat: Seat) => seat.key === key,
  })),
  ...[...new Set(seats.map(({ room }) => room))].map((room) => ({
    name: room,
    target: { type: 'room', room } as const,
    isFor: (seat: Seat) => seat.room === room,
  })),
  { name: 'all', target: { type: 'all', speed: 0 }, isFor: () => true },
];

/** In the records of goim v2, if nothing else is given. */
export const openTraffic = (
  config: KafkaConfig,
  audience: Audience,
  encode: (push: Push) => PushRecord = encodeV2,
): Traffic => {
  const { seats } = audience;
  const streams = streamsTo(seats);
  const producer = openKafkaProducer(config);
  const run = randomUUID().slice(0, 8);
  // JSON, which is all that a comet of goim v1 is sent.
  const bodyOf = ({ name }: Stream, index: number) => `"${run} ${name} ${index}"`;
  let pushed = 0;
  const recordsOf = (index: number): PushRecord[] =>
    streams.map((stream) =>
      encode({ target: stream.target, operation: OPERATION, body: Buffer.from(bodyOf(stream, index)) }),
    );
  const send = async (records: readonly PushRecord[]): Promise<void> => {
    for (;;) {
      try {
        return void (await producer.send(config.topic, records));
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
      }
    }
  };
  const receivedBy = (key: string) => audience.received(key).filter((body) => body.startsWith(`"${run}`));
  return {
    push: async (count) => {
      const records = Array.from({ length: count }, (_, index) => recordsOf(pushed + index)).flat();
      pushed += count;
      await send(records);
    },
    expectDelivered: async () => {
      for (const seat of seats) {
        for (const stream of streams.filter(({ isFor }) => isFor(seat))) {
          const bodies = Array.from({ length: pushed }, (_, index) => bodyOf(stream, index));
          await audience.expectInOrder(seat.key, bodies);
        }
      }
    },
    records: () => pushed * streams.length,
    arrived: () => new Set(seats.flatMap(({ key }) => receivedBy(key))).size,
    repeats: () =>
      seats.map(({ key }) => receivedBy(key)).reduce((sum, own) => sum + own.length - new Set(own).size, 0),
    close: () => producer.close(),
  };
};
