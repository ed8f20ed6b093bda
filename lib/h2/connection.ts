import type { Socket } from 'node:net';
import { Calls } from './calls.ts';
import { CODE } from './code.ts';
import { TYPE, writeUint32 } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { Inbound } from './inbound.ts';
import { CLOSE_MS } from './limits.ts';
import { Outgoing } from './outgoing.ts';
import { writePreface } from './preface.ts';
import type { Call, Request, Stream } from './stream.ts';
import { h2CodeOf } from './violation.ts';
import { WriteBuffer } from './write-buffer.ts';

export interface ConnectionOptions {
  /** The peer brought a call forward, so it lives. */
  readonly onHeard?: () => void;
  /** For tests alone: ids run out at 2^31. */
  readonly firstStreamId?: number;
}

/** One HTTP/2 connection of a client that sends and takes whole bodies. */
export class Connection {
  private readonly socket: Socket;
  private readonly out: WriteBuffer;
  private readonly calls: Calls;
  private readonly frames: FrameReader;
  private isOver = false;

  constructor(socket: Socket, { onHeard = () => {}, firstStreamId = 1 }: ConnectionOptions = {}) {
    this.socket = socket;
    this.out = new WriteBuffer(socket);
    const outgoing = new Outgoing(this.out);
    this.calls = new Calls(outgoing, () => this.close(), firstStreamId);
    const inbound = new Inbound({ out: this.out, outgoing, calls: this.calls, onHeard });
    this.frames = new FrameReader((frame) => {
      if (!this.isOver) inbound.frame(frame);
    });
    socket.on('drain', () => outgoing.resume());
    writePreface(this.out);
  }

  /** Whether a call that is made now can be sent. */
  isUsable(): boolean {
    return !this.isOver && this.calls.isUsable();
  }

  isClosed(): boolean {
    return this.isOver;
  }

  /** Sends it once there is a place. Its `onEnd` is called even if there never is one, perhaps before this returns. */
  request(request: Request): Call {
    return this.calls.request(request);
  }

  /** Ends a call of `request`'s without a word to its `onEnd`. */
  cancel(call: Call): void {
    this.calls.cancel(call as Stream);
  }

  /** For who opened the socket: takes its bytes up to `length`. */
  receive(bytes: Buffer, length: number): void {
    if (this.isOver) return;
    try {
      this.frames.read(bytes, length);
    } catch (error) {
      this.close(error);
    }
  }

  /** Ends all calls with it, and says goodbye; because of `error` if there is one. */
  close(error?: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    const h2Code = error === undefined ? CODE.noError : h2CodeOf(error);
    const at = this.out.frame(TYPE.goaway, 0, 0, 8);
    writeUint32(this.out.bytes, at, 0);
    writeUint32(this.out.bytes, at + 4, h2Code);
    this.out.end();
    this.endSocket();
    this.calls.endAll(error, CODE.noError);
  }

  private endSocket(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    socket.destroySoon();
    // A peer that does not read keeps the rest of it waiting for ever.
    const timer = setTimeout(() => socket.destroy(), CLOSE_MS).unref();
    socket.once('close', () => clearTimeout(timer));
  }
}
