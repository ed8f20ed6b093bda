import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** A socket without a network: what is written to it is kept, and taken in the next turn or when it is told to. */
export class MemorySocket extends EventEmitter {
  readonly written: Buffer[] = [];
  destroyed = false;
  writableLength = 0;
  private readonly onTaken: (() => void)[] = [];
  private readonly isTaking: boolean;

  constructor({ isTaking = true } = {}) {
    super();
    this.isTaking = isTaking;
  }

  write(bytes: Buffer, onTaken: () => void): boolean {
    this.written.push(Buffer.from(bytes));
    if (this.isTaking) process.nextTick(onTaken);
    else {
      this.writableLength += bytes.length;
      this.onTaken.push(onTaken);
    }
    return this.isTaking;
  }

  /** Takes what was written so far, as a peer that reads. */
  take(): void {
    this.writableLength = 0;
    for (const onTaken of this.onTaken.splice(0)) onTaken();
    this.emit('drain');
  }

  destroySoon(): void {
    this.destroyed = true;
    this.emit('close');
  }

  destroy(): void {
    this.destroySoon();
  }

  asSocket(): Socket {
    return this as unknown as Socket;
  }
}
