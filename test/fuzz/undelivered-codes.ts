import type { DropReason, UndeliveredCode } from '../../lib/domain/outcome.ts';

const CODES: Record<UndeliveredCode, true> = {
  COMET_TIMEOUT: true,
  COMET_UNREACHABLE: true,
  COMET_STATUS: true,
  COMET_UNAUTHORIZED: true,
  COMET_TLS: true,
  COMET_BUSY: true,
  COMET_REPLY_MALFORMED: true,
  COMET_REPLY_TOO_LARGE: true,
  COMET_PARTIAL: true,
  COMET_ADDRESS_INVALID: true,
  DELIVERY_SKIPPED: true,
  DELIVER_FAILED: true,
  DELIVER_THROTTLED: true,
  DELIVER_UNANSWERED: true,
  SECRET_FAILED: true,
};
const REASONS: Record<DropReason, true> = {
  expired: true,
  gone: true,
  refused: true,
  slow: true,
  'parked-too-long': true,
  'too-large-to-park': true,
};

export const UNDELIVERED_CODES = Object.keys(CODES) as UndeliveredCode[];
export const DROP_REASONS = Object.keys(REASONS) as DropReason[];
