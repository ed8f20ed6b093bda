import type { MalformedReason, Target } from '../domain/push-message.ts';

/** What a record's value says; the record's coordinates are added by the event's reader. */
export interface Content {
  readonly target: Target;
  readonly operation: number;
  /** Base64. */
  readonly body: string;
}

export type Decoded = Content | { readonly malformed: MalformedReason };
