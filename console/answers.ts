import type { StoredLetter } from '../lib/store/dead-letter-item.ts';
import type { CometState } from '../local/comet/reference-comet.ts';
import type { CometStatus, FleetStatus } from '../operate/status/fleet.ts';
import type { ParkedStatus } from '../operate/status/parked.ts';

export type { QueueStatus } from '../operate/status/parked.ts';
export type { RoomStatus, RoomsStatus } from '../operate/status/rooms.ts';

/** What the server answers and the page reads. Times are ms since 1970. */
export interface AboutAnswer {
  /** `local set`, or a stage. */
  readonly name: string;
  readonly isLocal: boolean;
  readonly canChange: boolean;
  /** Of a stage: where its metrics are. */
  readonly metricsUrl?: string | undefined;
}

export interface CometAnswer extends CometStatus {
  /** Where they are known: the local set's comets say so themselves. */
  readonly rooms?: number;
  readonly connections?: number;
  readonly state?: CometState;
}

export interface FleetAnswer extends Omit<FleetStatus, 'comets'> {
  readonly now: number;
  readonly comets: readonly CometAnswer[];
}

export interface ParkedAnswer extends ParkedStatus {
  readonly now: number;
}

/** Neither body nor key. */
export type LetterAnswer = Pick<
  StoredLetter,
  'id' | 'kind' | 'reason' | 'topic' | 'partition' | 'offset' | 'diedAt'
> & { readonly comet?: string | undefined; readonly bytes?: number | undefined };

export interface LettersAnswer {
  readonly now: number;
  /** The newest ones, newest first. */
  readonly letters: readonly LetterAnswer[];
  /** Of all that were read. */
  readonly countByReason: Readonly<Record<string, number>>;
  /** False: there are more than were read. */
  readonly isAll: boolean;
  /** Items that are no letters. */
  readonly broken: number;
}

export interface WholeLetterAnswer extends LetterAnswer {
  readonly timestamp: number;
  readonly expiresAt: number;
  readonly detail?: string | undefined;
  /** JSON: the op, or the record as Kafka had it. */
  readonly original: string;
}

export interface JobRequest {
  readonly kind: 'replay' | 'purge';
  readonly ids: readonly string[];
  readonly dryRun: boolean;
}

export interface JobAnswer {
  readonly kind: JobRequest['kind'];
  readonly dryRun: boolean;
  readonly state: 'running' | 'done' | 'failed';
  /** Letters that were asked for, and those that something came of. */
  readonly total: number;
  readonly done: number;
  /** What came of the last ones, and what went wrong first. */
  readonly lines: readonly string[];
  readonly problems: readonly string[];
  readonly summary?: string | undefined;
}

/** What happened in one second; counts are sums, `…Ms` the largest. By metric. */
export interface FlowSecond {
  /** Seconds since 1970. */
  readonly second: number;
  readonly valueByMetric: Readonly<Record<string, number>>;
}

export interface FlowAnswer {
  readonly now: number;
  /** Those that are over, oldest first; a second in which nothing was said is not there. */
  readonly seconds: readonly FlowSecond[];
}

export interface ListenerAnswer {
  readonly id: string;
  readonly comet: string;
  readonly key: string;
  readonly room: string;
  readonly accepts: readonly number[];
  /** The last ones, oldest first. */
  readonly messages: readonly ListenedMessage[];
  /** Why it has ended. */
  readonly closed?: string | undefined;
}

export interface ListenedMessage {
  /** Of this listener, from 1. */
  readonly number: number;
  readonly at: number;
  readonly operation: number;
  /** The beginning of its body, as text. */
  readonly text: string;
}

/** `endedAt` is missing while it lasts. */
export interface Span {
  readonly startedAt: number;
  readonly endedAt?: number;
}

/** The way of one message to one comet. */
export interface CometPath {
  readonly comet: string;
  readonly deliver?: Span;
  /** Why `deliver` did not deliver it, or why it was dropped. */
  readonly problem?: string;
  readonly parkedAt?: number;
  /** When `redeliver` first began with this comet. */
  readonly redeliverAt?: number;
  /** When the comet took it. */
  readonly tookAt?: number;
  readonly clients: readonly { readonly key: string; readonly at: number }[];
}

/** The way of one message that was pushed here. */
export interface PathAnswer {
  /** `topic/partition/offset`. */
  readonly id: string;
  readonly target: string;
  readonly producedAt: number;
  readonly dispatch?: Span;
  readonly comets: readonly CometPath[];
}

export interface TryAnswer {
  readonly now: number;
  /** False: the topic is a real Kafka's. */
  readonly canPush: boolean;
  readonly comets: readonly LocalComet[];
  readonly listeners: readonly ListenerAnswer[];
  /** Newest first. */
  readonly paths: readonly PathAnswer[];
}

export interface LocalComet {
  readonly id: string;
  readonly state: CometState;
  readonly rooms: number;
  readonly connections: number;
}
