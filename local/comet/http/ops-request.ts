import * as v from 'valibot';
import type { Op } from '../../../lib/domain/op.ts';

const INT32_MAX = 2 ** 31 - 1;
const MAX_OPS = 1000;

const Name = v.pipe(v.string(), v.minLength(1));
const isBase64 = (text: string): boolean => Buffer.from(text, 'base64').toString('base64') === text;

const base = {
  id: Name,
  operation: v.pipe(v.number(), v.integer(), v.minValue(-INT32_MAX - 1), v.maxValue(INT32_MAX)),
  body: v.pipe(v.string(), v.check(isBase64)),
  timestamp: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
};

const OpsRequest = v.object({
  ops: v.pipe(
    v.array(
      v.variant('type', [
        v.object({ ...base, type: v.literal('push'), keys: v.pipe(v.array(Name), v.minLength(1)) }),
        v.object({ ...base, type: v.literal('room'), room: Name }),
        v.object({
          ...base,
          type: v.literal('all'),
          speed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(INT32_MAX)),
        }),
      ]),
    ),
    v.minLength(1),
    v.maxLength(MAX_OPS),
  ),
});

const parseJson = (text: string): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

/** The ops of a request as `docs/comet-api.yaml` describes it, or the place of the first mistake; its value is not repeated. */
export const parseOpsRequest = (text: string): { ops: readonly Op[] } | { problem: string } => {
  const json = parseJson(text);
  if (json === undefined) return { problem: 'the body is not JSON' };
  const parsed = v.safeParse(OpsRequest, json.value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  return {
    problem: `${v.getDotPath(issue) ?? 'the body'} is not of the form of the comet API (${issue.type})`,
  };
};
