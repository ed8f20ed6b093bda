import { expect, test } from 'vitest';
import * as limits from '../../lib/domain/limits.ts';

test('what is worked out from a unit is what the documents say', () => {
  expect({ ...limits }).toMatchObject({
    MAX_BODY_BYTES: 1_048_576,
    MAX_KEYS_BYTES: 2_097_152,
    MAX_REQUEST_BYTES: 4_194_304,
    MAX_REPLY_BYTES: 1_048_576,
    MAX_PACKET_BYTES: 1_048_576,
    MAX_ROOMS_REPLY_BYTES: 16_777_216,
    MAX_ROOM_BYTES: 4_096,
    MAX_ROOM_KEY_BYTES: 2_048,
    MAX_RUN_BYTES: 307_200,
    MAX_RUN_ITEM_BYTES: 405_504,
    MAX_SLOW_LETTERS_BYTES: 4_194_304,
    MAX_TURN_BYTES: 4_194_304,
    MAX_PART_BYTES: 307_200,
    MAX_BUNDLE_BYTES: 65_536,
    ROOM_KEPT_S: 604_800,
    DEAD_LETTER_KEPT_S: 1_209_600,
  });
});
