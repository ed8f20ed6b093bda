import type { UndeliveredCode } from './domain/outcome.ts';

/** Stable codes; docs/operate.md explains each. */
export type ErrorCode =
  | UndeliveredCode
  | 'BATCH_UNDELIVERED'
  | 'CONFIG_INVALID'
  | 'EVENT_MALFORMED'
  | 'FLEET_UNKNOWN'
  | 'LEASE_LOST'
  | 'PAYLOAD_INVALID'
  | 'PAYLOAD_VERSION'
  | 'REDELIVER_UNREACHED'
  | 'REGISTRY_FAILED'
  | 'STORE_FAILED'
  | 'STORE_THROTTLED'
  | 'STORE_UNANSWERED';

/** Names, coordinates, sizes and codes only: never a body, a key or a token. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Every failure that leaves an adapter or a use case. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable: boolean; details?: ErrorDetails; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    this.details = options.details ?? {};
  }
}
