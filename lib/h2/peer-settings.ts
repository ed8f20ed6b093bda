import { CODE } from './code.ts';
import { FLAG, type Frame, readUint32 } from './frame.ts';
import { MAX_FRAME_BYTES, MAX_PEER_WINDOW } from './limits.ts';
import { violation } from './violation.ts';

/** RFC 9113, 6.5.2. */
export const SETTING = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;
export const SETTING_BYTES = 6;
const MAX_MAX_FRAME_BYTES = 2 ** 24 - 1;

/** By id, the last one where there are several. Throws a violation. */
export const readSettings = ({ stream, flags, bytes, start, end }: Frame): ReadonlyMap<number, number> => {
  const settings = new Map<number, number>();
  if (stream !== 0) throw violation(CODE.protocol, 'SETTINGS are of a stream');
  if ((end - start) % SETTING_BYTES !== 0 || ((flags & FLAG.ack) !== 0 && end > start))
    throw violation(CODE.frameSize, 'SETTINGS have a false length');
  for (let at = start; at < end; at += SETTING_BYTES)
    settings.set(bytes.readUInt16BE(at), readUint32(bytes, at + 2));
  check(settings);
  return settings;
};

const check = (settings: ReadonlyMap<number, number>): void => {
  const { enablePush, initialWindowSize, maxFrameSize } = SETTING;
  if ((settings.get(initialWindowSize) ?? 0) > MAX_PEER_WINDOW)
    throw violation(CODE.flowControl, 'a window is too large');
  const maxFrameBytes = settings.get(maxFrameSize) ?? MAX_FRAME_BYTES;
  if (maxFrameBytes < MAX_FRAME_BYTES || maxFrameBytes > MAX_MAX_FRAME_BYTES)
    throw violation(CODE.protocol, 'a frame size is not allowed');
  if ((settings.get(enablePush) ?? 0) !== 0) throw violation(CODE.protocol, 'a server cannot be pushed to');
};
