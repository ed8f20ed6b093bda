import { CODE } from './code.ts';
import { FLAG, type Frame } from './frame.ts';
import { violation } from './violation.ts';

/** What HEADERS have before their block if they name a priority. */
const PRIORITY_BYTES = 5;

/** Takes the padding of DATA and HEADERS off (RFC 9113, 6.1 and 6.2). Throws a violation. */
export const unpad = (frame: Frame): void => {
  if ((frame.flags & FLAG.padded) === 0) return;
  if (frame.start >= frame.end) throw violation(CODE.frameSize, 'a frame has no length of its padding');
  frame.end -= frame.bytes[frame.start] as number;
  frame.start += 1;
  if (frame.end < frame.start) throw violation(CODE.protocol, 'a frame is all padding and more');
};

export const skipPriority = (frame: Frame): void => {
  if ((frame.flags & FLAG.priority) === 0) return;
  frame.start += PRIORITY_BYTES;
  if (frame.end < frame.start) throw violation(CODE.frameSize, 'HEADERS are too short');
};
