/** A comet that has fallen behind, and on which partitions (`<topic>-<n>`). */
export interface Wake {
  readonly comet: string;
  readonly partitions: readonly string[];
}
