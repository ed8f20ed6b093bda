import type { Socket } from 'node:net';
import { CODE } from './code.ts';
import { FLAG, HEAD_BYTES, type TYPE, writeUint32 } from './frame.ts';
import { BUFFER_BYTES, MAX_SPARE_BUFFERS, MAX_UNSENT_ACKS, MAX_UNSENT_BYTES } from './limits.ts';
import { violation } from './violation.ts';

/** Gathers the frames of a turn of the event loop, and of the time that a write takes, for one write. */
export class WriteBuffer {
  /** Where frames are written; another one after each `frame`. */
  bytes: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private readonly socket: Socket;
  private usedBytes = 0;
  private readonly writing: Buffer[] = [];
  private readonly spare: Buffer[] = [];
  private isScheduled = false;
  private isEnded = false;
  private unsentAcks = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** More of bodies must wait. */
  isFull(): boolean {
    return this.socket.writableLength > MAX_UNSENT_BYTES;
  }

  /** Writes a frame's head, and answers the place of its payload in `bytes`. */
  frame(type: number, flags: number, stream: number, length: number): number {
    const at = this.reserve(HEAD_BYTES + length);
    const { bytes } = this;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    writeUint32(bytes, at + 5, stream);
    return at + HEAD_BYTES;
  }

  /** A frame whose payload is one number. */
  numberFrame(type: number, stream: number, value: number): void {
    const at = this.frame(type, 0, stream, 4);
    writeUint32(this.bytes, at, value);
  }

  /** The answer to a PING or SETTINGS: the peer's choice, so it is bounded by what the peer takes of them. */
  ack(type: typeof TYPE.ping | typeof TYPE.settings, length: number): number {
    this.unsentAcks += 1;
    if (this.unsentAcks > MAX_UNSENT_ACKS) throw violation(CODE.enhanceYourCalm, 'answers are not taken');
    return this.frame(type, FLAG.ack, 0, length);
  }

  append(piece: Buffer): void {
    const at = this.reserve(piece.length);
    piece.copy(this.bytes, at);
  }

  /** Takes the last frame back. */
  dropFrame(length: number): void {
    this.usedBytes -= HEAD_BYTES + length;
  }

  /** Writes what is there, and nothing after it. */
  end(): void {
    this.flush();
    this.isEnded = true;
  }

  private flush(): void {
    if (this.isEnded) this.usedBytes = 0;
    if (this.usedBytes === 0) return;
    const { bytes } = this;
    this.writing.push(bytes);
    this.bytes = this.spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    const filled = bytes.subarray(0, this.usedBytes);
    this.usedBytes = 0;
    this.socket.write(filled, this.release);
  }

  private reserve(length: number): number {
    if (this.usedBytes + length > BUFFER_BYTES) this.flush();
    if (!this.isScheduled) {
      this.isScheduled = true;
      process.nextTick(this.flushInTurn);
    }
    const at = this.usedBytes;
    this.usedBytes += length;
    return at;
  }

  /** While a write is on its way the next one grows: else each small frame would hold a whole buffer. */
  private readonly flushInTurn = (): void => {
    this.isScheduled = false;
    if (this.writing.length === 0) this.flush();
  };

  private readonly release = (): void => {
    const bytes = this.writing.shift();
    if (bytes !== undefined && this.spare.length < MAX_SPARE_BUFFERS) this.spare.push(bytes);
    if (this.writing.length > 0) return;
    this.unsentAcks = 0;
    this.flush();
  };
}
