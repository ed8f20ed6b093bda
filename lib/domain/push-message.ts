/** Where a record stands in its log. */
export interface Coordinates {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export type Target =
  | { readonly type: 'push'; readonly comet: string; readonly keys: readonly string[] }
  | { readonly type: 'room'; readonly room: string }
  /** `speed`: connections a second over the whole fleet; 0 is unlimited. */
  | { readonly type: 'all'; readonly speed: number };

/** One decoded record. `body` is base64, `timestamp` ms since 1970. */
export interface PushMessage extends Coordinates {
  readonly timestamp: number;
  readonly target: Target;
  readonly operation: number;
  readonly body: string;
}

export const MALFORMED_REASONS = [
  'value-empty',
  'value-not-base64',
  'protobuf-malformed',
  'json-malformed',
  'json-wrong-type',
  'type-unknown',
  'operation-out-of-range',
  'speed-out-of-range',
  'server-empty',
  'server-too-long',
  'keys-empty',
  'keys-too-large',
  'room-empty',
  'room-too-long',
  'body-not-base64',
  'body-too-large',
] as const;
export type MalformedReason = (typeof MALFORMED_REASONS)[number];

/** A record as the event source gave it: base64 text, or whatever stood there. */
export interface OriginalRecord {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
}

/** A record that cannot be used, with all that is needed to replay it. */
export interface MalformedRecord extends Coordinates {
  readonly timestamp: number;
  readonly malformed: MalformedReason;
  readonly original: OriginalRecord;
}

/** `topic/partition/offset`. */
export const opId = ({ topic, partition, offset }: Coordinates): string => `${topic}/${partition}/${offset}`;

/** Of an op's id; a topic's name has no slash. */
export const coordinatesOf = (id: string): Coordinates => {
  const [topic = '', partition, offset] = id.split('/');
  return { topic, partition: Number(partition), offset: Number(offset) };
};

/** `<topic>-<n>`, as events and tables name a partition. */
export const partitionName = ({ topic, partition }: Omit<Coordinates, 'offset'>): string =>
  `${topic}-${partition}`;
