interface OpBase {
  /** `topic/partition/offset`: the same each time an op is sent, so that a comet can drop repeats. */
  readonly id: string;
  readonly operation: number;
  /** Base64, from the record to the comet: an op crosses two JSON hops, and each would decode and encode it. */
  readonly body: string;
  /** The record's timestamp, ms since 1970. */
  readonly timestamp: number;
}

export interface PushOp extends OpBase {
  readonly type: 'push';
  readonly keys: readonly string[];
}

export interface RoomOp extends OpBase {
  readonly type: 'room';
  readonly room: string;
}

export interface AllOp extends OpBase {
  readonly type: 'all';
  /** Connections a second; 0 is unlimited. */
  readonly speed: number;
}

/** One thing for one comet to do. Its JSON is the comet API's and the delivery payload's. */
export type Op = PushOp | RoomOp | AllOp;
