import type { Calls } from './calls.ts';
import { CODE } from './code.ts';
import { FLAG, type Frame, readUint31, readUint32, TYPE } from './frame.ts';
import { HeaderBlocks } from './header-blocks.ts';
import { MAX_IDLE_FRAMES } from './limits.ts';
import type { Outgoing } from './outgoing.ts';
import { readSettings, SETTING } from './peer-settings.ts';
import { ReceiveWindows } from './receive-windows.ts';
import { Responses } from './responses.ts';
import { violation } from './violation.ts';
import type { WriteBuffer } from './write-buffer.ts';

export interface InboundDeps {
  readonly out: WriteBuffer;
  readonly outgoing: Outgoing;
  readonly calls: Calls;
  readonly onHeard: () => void;
}

const checkLength = ({ start, end }: Frame, bytes: number): void => {
  if (end - start !== bytes) throw violation(CODE.frameSize, 'a frame has a false length');
};

/** What a peer may say, and when (RFC 9113, 6). */
export class Inbound {
  private readonly out: WriteBuffer;
  private readonly outgoing: Outgoing;
  private readonly calls: Calls;
  private readonly blocks: HeaderBlocks;
  private readonly responses: Responses;
  private isSettled = false;
  /** Since a call was brought forward. */
  private idleFrames = 0;

  constructor({ out, outgoing, calls, onHeard }: InboundDeps) {
    this.out = out;
    this.outgoing = outgoing;
    this.calls = calls;
    this.responses = new Responses(calls, new ReceiveWindows(out), () => {
      this.idleFrames = 0;
      onHeard();
    });
    this.blocks = new HeaderBlocks((stream, headers, isLast) =>
      this.responses.headers(stream, headers, isLast),
    );
  }

  /** Throws a violation, after which nothing more may come. */
  frame(frame: Frame): void {
    this.checkTurn(frame);
    switch (frame.type) {
      case TYPE.data:
        this.responses.data(frame);
        return;
      case TYPE.headers:
        this.blocks.headers(frame);
        return;
      case TYPE.continuation:
        this.blocks.continuation(frame);
        return;
      case TYPE.rstStream:
        this.rstStream(frame);
        return;
      case TYPE.settings:
        this.settings(frame);
        return;
      case TYPE.pushPromise:
        throw violation(CODE.protocol, 'a push, which is not allowed');
      case TYPE.ping:
        this.ping(frame);
        return;
      case TYPE.goaway:
        this.goaway(frame);
        return;
      case TYPE.windowUpdate:
        this.windowUpdate(frame);
        return;
    }
  }

  private checkTurn({ type, stream, flags }: Frame): void {
    this.idleFrames += 1;
    if (this.idleFrames > MAX_IDLE_FRAMES) throw violation(CODE.enhanceYourCalm, 'frames that say nothing');
    if (!this.isSettled && (type !== TYPE.settings || (flags & FLAG.ack) !== 0))
      throw violation(CODE.protocol, 'SETTINGS do not come first');
    const { unfinished } = this.blocks;
    if (unfinished !== undefined && (type !== TYPE.continuation || stream !== unfinished))
      throw violation(CODE.protocol, 'a header block is interrupted');
  }

  private rstStream(frame: Frame): void {
    checkLength(frame, 4);
    const stream = this.calls.find(frame.stream);
    if (stream === undefined) return;
    const h2Code = readUint32(frame.bytes, frame.start);
    this.calls.end(stream, h2Code === CODE.refusedStream ? 'refused' : 'reset', h2Code);
  }

  private settings(frame: Frame): void {
    const settings = readSettings(frame);
    if ((frame.flags & FLAG.ack) !== 0) return;
    this.out.ack(TYPE.settings, 0);
    const tableBytes = settings.get(SETTING.headerTableSize);
    if (tableBytes !== undefined) this.outgoing.resizeTable(tableBytes);
    const windowBytes = settings.get(SETTING.initialWindowSize);
    if (windowBytes !== undefined) this.calls.resizeWindows(windowBytes);
    const places = settings.get(SETTING.maxConcurrentStreams);
    // None named at first means no limit (6.5.2); later, none new.
    if (places !== undefined || !this.isSettled) this.calls.setPlaces(places ?? Number.POSITIVE_INFINITY);
    this.isSettled = true;
    this.outgoing.resume();
  }

  private ping(frame: Frame): void {
    checkLength(frame, 8);
    if (frame.stream !== 0) throw violation(CODE.protocol, 'a PING is of a stream');
    if ((frame.flags & FLAG.ack) !== 0) return;
    const at = this.out.ack(TYPE.ping, 8);
    frame.bytes.copy(this.out.bytes, at, frame.start, frame.end);
  }

  private goaway({ stream, bytes, start, end }: Frame): void {
    if (end - start < 8) throw violation(CODE.frameSize, 'a GOAWAY is too short');
    if (stream !== 0) throw violation(CODE.protocol, 'a GOAWAY is of a stream');
    this.calls.goAway(readUint31(bytes, start), readUint32(bytes, start + 4));
  }

  private windowUpdate(frame: Frame): void {
    checkLength(frame, 4);
    const bytes = readUint31(frame.bytes, frame.start);
    if (frame.stream === 0) this.outgoing.grant(bytes);
    else {
      const stream = this.calls.find(frame.stream);
      const problem = stream && this.outgoing.grantStream(stream, bytes);
      if (stream !== undefined && problem !== undefined) this.calls.breakOff(stream, 'reset', problem);
    }
    this.outgoing.resume();
  }
}
