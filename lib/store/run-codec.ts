import { deflateSync, inflateSync } from 'node:zlib';
import { isOp } from '../domain/delivery-payload.ts';
import { MAX_TURN_BYTES } from '../domain/limits.ts';
import type { Op } from '../domain/op.ts';

/** Read by this version and the one after. */
const RUN_VERSION = 1;
/** An op of any other id has no place in the log. */
const OP_ID = /^[^/]+\/\d+\/\d+$/;

/** JSON, deflated: most cost half as many write units. */
export const encodeRun = (ops: readonly Op[]): Buffer =>
  deflateSync(JSON.stringify({ v: RUN_VERSION, ops }), { level: 1 });

const inflate = (bytes: Uint8Array): unknown => {
  try {
    const text = inflateSync(bytes, { maxOutputLength: MAX_TURN_BYTES });
    // Strict: with its bad bytes replaced, a key would be another connection's.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text));
  } catch {
    return undefined;
  }
};

/** The ops, or what is wrong with them; `newer` comes from a later deploy, so its reader is to be waited for. */
export const decodeRun = (bytes: Uint8Array): { ops: Op[] } | { problem: string; newer: boolean } => {
  const wrong = (problem: string, newer = false) => ({ problem, newer });
  const value = inflate(bytes);
  if (typeof value !== 'object' || value === null) return wrong('it is not deflated JSON');
  const { v, ops } = value as { v?: unknown; ops?: unknown };
  if (typeof v === 'number' && v > RUN_VERSION)
    return wrong(`version ${v} is newer than ${RUN_VERSION}`, true);
  if (v !== RUN_VERSION) return wrong('v is missing or unknown');
  if (!Array.isArray(ops) || ops.length === 0) return wrong('ops is not a list');
  const bad = ops.findIndex((op) => !isOp(op) || !OP_ID.test(op.id));
  return bad === -1 ? { ops } : wrong(`op ${bad} is not of the form of an op`);
};
