import type { MalformedReason } from '../../lib/domain/push-message.ts';

const REASONS: Record<MalformedReason, true> = {
  'value-empty': true,
  'value-not-base64': true,
  'protobuf-malformed': true,
  'json-malformed': true,
  'json-wrong-type': true,
  'type-unknown': true,
  'operation-out-of-range': true,
  'speed-out-of-range': true,
  'server-empty': true,
  'server-too-long': true,
  'keys-empty': true,
  'keys-too-large': true,
  'room-empty': true,
  'room-too-long': true,
  'body-not-base64': true,
  'body-too-large': true,
};

export const isMalformedReason = (reason: string): reason is MalformedReason =>
  Object.hasOwn(REASONS, reason);
