import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  COMET_CALL_MS,
  DELIVERY_MS,
  IDLE_CONNECTION_MS,
  MAX_BODY_BYTES,
  MAX_COMET_ROOMS,
  MAX_KEYS_BYTES,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_OPS,
  MAX_RETRY_AFTER_MS,
  MAX_ROOM_BYTES,
  MAX_ROOMS_REPLY_BYTES,
  MERGE_INTERVAL_MS,
  PARKED_MAX_AGE_S,
  REFUSED_AFTER_FAILURES,
  ROOM_GRACE_S,
  ROOMS_CALL_MS,
  ROOMS_FRESH_MS,
} from '../../../../lib/domain/limits.ts';

const openApi = parse(readFileSync(new URL('../../../../docs/comet-api.yaml', import.meta.url), 'utf8'));
const MIB = 1024 * 1024;

test('the specification’s numbers are the code’s', () => {
  const { info, paths, components } = openApi;
  for (const words of [
    `A request has at most ${MAX_REQUEST_BYTES / MIB} MiB (${MAX_REQUEST_BYTES.toLocaleString('en')} bytes) and ${MAX_REQUEST_OPS} ops`,
    `A body has at most ${MAX_BODY_BYTES / MIB} MiB before base64, the keys of an op ${MAX_KEYS_BYTES / MIB} MiB as JSON, a room ${MAX_ROOM_BYTES.toLocaleString('en')} bytes`,
    `at most ${MAX_REPLY_BYTES / MIB} MiB for ops, ${MAX_ROOMS_REPLY_BYTES / MIB} MiB`,
    `A call gets ${COMET_CALL_MS / 1000} s`,
    `all calls of one batch get ${DELIVERY_MS / 1000} s; \`GET /v1/rooms\` gets ${ROOMS_CALL_MS / 1000} s`,
    `that has rested for ${IDLE_CONNECTION_MS / 1000} s`,
  ])
    expect(info.description.replaceAll('\n', ' ')).toContain(words);
  expect(components.responses.NotNow.description).toContain(`up to ${MAX_RETRY_AFTER_MS / 1000} s`);
  const { get } = paths['/v1/rooms'];
  expect(get.description).toContain('Asked once a second');
  expect(get.description.replaceAll('\n', ' ')).toContain(`for ${ROOMS_FRESH_MS / 1000} s`);
  expect(get.responses['200'].description).toContain(`for ${ROOM_GRACE_S} s`);
  expect(paths['/v1/ops'].post.requestBody.content['application/json'].schema.properties.ops.maxItems).toBe(
    MAX_REQUEST_OPS,
  );
  // In words: once a second, a million names, up to an hour later, fails alone three times.
  expect([MERGE_INTERVAL_MS, MAX_COMET_ROOMS, PARKED_MAX_AGE_S, REFUSED_AFTER_FAILURES]).toEqual([
    1_000, 1_000_000, 3_600, 3,
  ]);
});
