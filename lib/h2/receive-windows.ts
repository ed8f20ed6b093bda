import { TYPE } from './frame.ts';
import { WINDOW_BYTES } from './limits.ts';
import type { Stream } from './stream.ts';
import type { WriteBuffer } from './write-buffer.ts';

/** What the peer may send is told anew once half of it has come. */
const TOLD_AT_BYTES = WINDOW_BYTES / 2;

/**
 * Our side of flow control: the connection's window and each stream's. Bytes are taken as they come, so a window never closes
 * and cannot be overrun; what bounds an answer is its request's `maxBodyBytes`.
 */
export class ReceiveWindows {
  private readonly out: WriteBuffer;
  private unackedBytes = 0;

  constructor(out: WriteBuffer) {
    this.out = out;
  }

  /** DATA for whatever stream, with its padding. */
  take(bytes: number): void {
    this.unackedBytes += bytes;
    if (this.unackedBytes < TOLD_AT_BYTES) return;
    this.out.numberFrame(TYPE.windowUpdate, 0, this.unackedBytes);
    this.unackedBytes = 0;
  }

  /** The same DATA for its stream, of which more is to come. */
  takeFor(stream: Stream, bytes: number): void {
    stream.unackedBytes += bytes;
    if (stream.unackedBytes < TOLD_AT_BYTES) return;
    this.out.numberFrame(TYPE.windowUpdate, stream.id, stream.unackedBytes);
    stream.unackedBytes = 0;
  }
}
