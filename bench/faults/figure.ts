/** A line of the table: each sample is a run, or one of a pair's two divided by the other. */
export interface Figure {
  readonly title: string;
  readonly samples: readonly number[];
  readonly unit: string;
  /** The median is to be below it, or 0 if it is 0; infinity: finite. Without one, it is said for its own sake. */
  readonly below?: number;
}
