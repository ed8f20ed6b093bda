/** A comet is behind on a partition: everything newer for it is parked, not sent, until the mark is gone. */
export interface Mark {
  /** `<topic>-<n>`. */
  readonly partition: string;
  readonly comet: string;
  /** The highest offset that was parked. Runs above it were never promised: their batch comes again. */
  readonly parkedThrough: number;
  /** Until then the comet wants to be left alone, ms since 1970. */
  readonly retryAt?: number;
  /** Another one each time the mark is raised, so that a delete can tell. */
  readonly token: string;
}
