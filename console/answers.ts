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
