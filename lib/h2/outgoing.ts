import { CODE } from './code.ts';
import { FLAG, TYPE } from './frame.ts';
import { Encoder } from './hpack/encoder.ts';
import { MAX_FRAME_BYTES, MAX_PEER_WINDOW } from './limits.ts';
import type { Stream } from './stream.ts';
import { violation } from './violation.ts';
import type { WriteBuffer } from './write-buffer.ts';

/** RFC 9113, 6.9.2. */
export const DEFAULT_WINDOW_BYTES = 65_535;

/** Sends requests within the peer's windows. */
export class Outgoing {
  private readonly out: WriteBuffer;
  private readonly encoder = new Encoder();
  private window = DEFAULT_WINDOW_BYTES;
  private streamWindow = DEFAULT_WINDOW_BYTES;
  /** Have something left to send. */
  private readonly blocked = new Set<Stream>();

  constructor(out: WriteBuffer) {
    this.out = out;
  }

  /** Throws what the body's `write` throws; the peer then knows that nothing more comes. */
  start(stream: Stream): void {
    const { body, fields } = stream.request;
    stream.sendWindow = this.streamWindow;
    this.sendBlock(stream.id, this.encoder.encode(fields), body.bytes === 0);
    try {
      if (body.bytes > 0) this.startBody(stream);
    } catch (error) {
      this.reset(stream, CODE.cancel);
      throw error;
    }
  }

  /** Nothing more goes out for it. */
  forget(stream: Stream): void {
    if (this.blocked.size > 0) this.blocked.delete(stream);
  }

  reset(stream: Stream, h2Code: number): void {
    this.out.numberFrame(TYPE.rstStream, stream.id, h2Code);
  }

  /** Goes on with what waits for a window or the socket. */
  resume(): void {
    for (const stream of this.blocked) {
      if (this.sendPieces(stream)) this.blocked.delete(stream);
      else if (this.window <= 0 || this.out.isFull()) return;
    }
  }

  grant(bytes: number): void {
    if (bytes === 0 || this.window + bytes > MAX_PEER_WINDOW)
      throw violation(bytes === 0 ? CODE.protocol : CODE.flowControl, 'WINDOW_UPDATE by nothing or too much');
    this.window += bytes;
  }

  /** Undefined if that can be, else the code of what it is. */
  grantStream(stream: Stream, bytes: number): number | undefined {
    if (bytes === 0) return CODE.protocol;
    if (stream.sendWindow + bytes > MAX_PEER_WINDOW) return CODE.flowControl;
    stream.sendWindow += bytes;
    return undefined;
  }

  /** The peer's SETTINGS_INITIAL_WINDOW_SIZE, which counts for the open streams too and may leave them less than nothing. */
  resizeWindows(bytes: number, open: Iterable<Stream>): void {
    const change = bytes - this.streamWindow;
    this.streamWindow = bytes;
    for (const stream of open) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_PEER_WINDOW) throw violation(CODE.flowControl, 'a window is too large');
    }
  }

  resizeTable(bytes: number): void {
    this.encoder.resize(bytes);
  }

  private sendBlock(id: number, block: Buffer, isAll: boolean): void {
    for (let from = 0; from === 0 || from < block.length; from += MAX_FRAME_BYTES) {
      const to = Math.min(block.length, from + MAX_FRAME_BYTES);
      const type = from === 0 ? TYPE.headers : TYPE.continuation;
      const flags = (to === block.length ? FLAG.endHeaders : 0) | (from === 0 && isAll ? FLAG.endStream : 0);
      const at = this.out.frame(type, flags, id, to - from);
      block.copy(this.out.bytes, at, from, to);
    }
  }

  private startBody(stream: Stream): void {
    const { out } = this;
    const { body } = stream.request;
    const mayGo = Math.min(MAX_FRAME_BYTES, this.window, stream.sendWindow);
    if (body.bytes <= mayGo && !out.isFull()) {
      const at = this.dataFrame(stream, body.bytes, FLAG.endStream);
      try {
        body.write(out.bytes, at);
      } catch (error) {
        out.dropFrame(body.bytes);
        this.window += body.bytes;
        throw error;
      }
      return;
    }
    stream.unsent = Buffer.allocUnsafe(body.bytes);
    body.write(stream.unsent, 0);
    if (!this.sendPieces(stream)) this.blocked.add(stream);
  }

  /** Whether all of it is sent. */
  private sendPieces(stream: Stream): boolean {
    for (let left = stream.unsent; left !== undefined; left = stream.unsent) {
      const length = Math.min(left.length, MAX_FRAME_BYTES, this.window, stream.sendWindow);
      if (length <= 0 || this.out.isFull()) return false;
      const isLast = length === left.length;
      const at = this.dataFrame(stream, length, isLast ? FLAG.endStream : 0);
      left.copy(this.out.bytes, at, 0, length);
      stream.unsent = isLast ? undefined : left.subarray(length);
    }
    return true;
  }

  private dataFrame(stream: Stream, length: number, flags: number): number {
    this.window -= length;
    stream.sendWindow -= length;
    return this.out.frame(TYPE.data, flags, stream.id, length);
  }
}
