export const DROP_REASONS = [
  'expired',
  'gone',
  'refused',
  'slow',
  'parked-too-long',
  'too-large-to-park',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export const isDropReason = (value: unknown): value is DropReason =>
  DROP_REASONS.some((reason) => reason === value);

const UNDELIVERED_CODES = [
  'COMET_TIMEOUT',
  'COMET_UNREACHABLE',
  'COMET_STATUS',
  'COMET_UNAUTHORIZED',
  'COMET_TLS',
  'COMET_BUSY',
  'COMET_REPLY_MALFORMED',
  'COMET_REPLY_TOO_LARGE',
  'COMET_PARTIAL',
  'COMET_ADDRESS_INVALID',
  'DELIVERY_SKIPPED',
  'DELIVER_FAILED',
  'DELIVER_THROTTLED',
  'DELIVER_UNANSWERED',
  'SECRET_FAILED',
] as const;
/** Why an op is undelivered; each is retryable. */
export type UndeliveredCode = (typeof UNDELIVERED_CODES)[number];

export const isUndeliveredCode = (value: unknown): value is UndeliveredCode =>
  UNDELIVERED_CODES.some((code) => code === value);

/** An op given up. */
export interface Dropped {
  readonly reason: DropReason;
  /** What the comet said of it. */
  readonly detail?: string;
  /** Of a `slow` push: the keys whose connections took no more. The op's other keys have it. */
  readonly keys?: readonly string[];
}

/** An op that its comet did not take now. */
export interface Undelivered {
  readonly code: UndeliveredCode;
  /** For the log: what the comet said, never a part of a message. */
  readonly detail?: string;
  /** How long the comet wants to be left alone. */
  readonly retryAfterMs?: number;
}

/** What became of one op. */
export type Outcome =
  | { readonly status: 'delivered' }
  | ({ readonly status: 'dropped' } & Dropped)
  | ({ readonly status: 'undelivered' } & Undelivered);

export const DELIVERED: Outcome = { status: 'delivered' };

export const undelivered = (code: UndeliveredCode, more: Omit<Undelivered, 'code'> = {}): Outcome => ({
  status: 'undelivered',
  code,
  ...more,
});

/** Why a comet did not take all of these ops; undefined: it did. */
export const failureOf = (outcomes: readonly Outcome[]): UndeliveredCode | undefined => {
  const codes = outcomes.flatMap((outcome) => (outcome.status === 'undelivered' ? [outcome.code] : []));
  return codes.find((code) => code !== 'DELIVERY_SKIPPED') ?? codes[0];
};
