import { MAX_KEYS_BYTES } from '../domain/limits.ts';
import type { MalformedReason } from '../domain/push-message.ts';

/** The most that JSON makes of a byte: \u0000. */
const JSON_BYTES_A_BYTE = 6;

/** What is wrong with the keys of a record of so many bytes, if something is. */
export const keysProblem = (keys: readonly string[], recordBytes: number): MalformedReason | undefined => {
  if (keys.length === 0 || keys.includes('')) return 'keys-empty';
  if (recordBytes * JSON_BYTES_A_BYTE <= MAX_KEYS_BYTES) return undefined;
  return Buffer.byteLength(JSON.stringify(keys)) > MAX_KEYS_BYTES ? 'keys-too-large' : undefined;
};
