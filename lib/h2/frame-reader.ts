import { CODE } from './code.ts';
import { type Frame, HEAD_BYTES, readUint24, readUint31 } from './frame.ts';
import { MAX_FRAME_BYTES } from './limits.ts';
import { violation } from './violation.ts';

/** Cuts what comes into frames, wherever it is torn. */
export class FrameReader {
  /** The beginning of a frame whose end is to come. */
  private readonly kept = Buffer.allocUnsafeSlow(HEAD_BYTES + MAX_FRAME_BYTES);
  private keptBytes = 0;
  private readonly onFrame: (frame: Frame) => void;
  /** The same one for every frame. */
  private readonly frame: Frame = { type: 0, flags: 0, stream: 0, bytes: this.kept, start: 0, end: 0 };

  constructor(onFrame: (frame: Frame) => void) {
    this.onFrame = onFrame;
  }

  /** Takes `bytes` up to `end`. Throws a violation for a frame that is too large. */
  read(bytes: Buffer, end: number): void {
    let at = this.keptBytes > 0 ? this.complete(bytes, end) : 0;
    while (end - at >= HEAD_BYTES) {
      const next = at + HEAD_BYTES + this.payloadBytes(bytes, at);
      if (next > end) break;
      this.emit(bytes, at, next);
      at = next;
    }
    if (at < end) this.keep(bytes, at, end);
  }

  private payloadBytes(bytes: Buffer, at: number): number {
    const length = readUint24(bytes, at);
    if (length > MAX_FRAME_BYTES) throw violation(CODE.frameSize, 'a frame is too large');
    return length;
  }

  private emit(bytes: Buffer, at: number, end: number): void {
    const { frame } = this;
    frame.type = bytes[at + 3] as number;
    frame.flags = bytes[at + 4] as number;
    frame.stream = readUint31(bytes, at + 5);
    frame.bytes = bytes;
    frame.start = at + HEAD_BYTES;
    frame.end = end;
    this.onFrame(frame);
  }

  private keep(bytes: Buffer, from: number, to: number): void {
    bytes.copy(this.kept, this.keptBytes, from, to);
    this.keptBytes += to - from;
  }

  /** Fills up the kept frame, and answers where the rest begins. */
  private complete(bytes: Buffer, end: number): number {
    let at = 0;
    if (this.keptBytes < HEAD_BYTES) {
      at = Math.min(end, HEAD_BYTES - this.keptBytes);
      this.keep(bytes, 0, at);
      if (this.keptBytes < HEAD_BYTES) return at;
    }
    const frameEnd = HEAD_BYTES + this.payloadBytes(this.kept, 0);
    const to = Math.min(end, at + frameEnd - this.keptBytes);
    this.keep(bytes, at, to);
    if (this.keptBytes < frameEnd) return to;
    this.keptBytes = 0;
    this.emit(this.kept, 0, frameEnd);
    return to;
  }
}
