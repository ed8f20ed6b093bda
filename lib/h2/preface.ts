import { PREFACE, TYPE, writeUint32 } from './frame.ts';
import { MAX_HEADERS_BYTES, WINDOW_BYTES } from './limits.ts';
import { DEFAULT_WINDOW_BYTES } from './outgoing.ts';
import { SETTING, SETTING_BYTES } from './peer-settings.ts';
import type { WriteBuffer } from './write-buffer.ts';

const SETTINGS = [
  [SETTING.enablePush, 0],
  [SETTING.initialWindowSize, WINDOW_BYTES],
  [SETTING.maxHeaderListSize, MAX_HEADERS_BYTES],
] as const;

/** What a client says first (RFC 9113, 3.4): the preface, its settings, and how much the peer may send on the connection. */
export const writePreface = (out: WriteBuffer): void => {
  out.append(PREFACE);
  let at = out.frame(TYPE.settings, 0, 0, SETTINGS.length * SETTING_BYTES);
  for (const [id, value] of SETTINGS) {
    out.bytes.writeUInt16BE(id, at);
    writeUint32(out.bytes, at + 2, value);
    at += SETTING_BYTES;
  }
  out.numberFrame(TYPE.windowUpdate, 0, WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
};
