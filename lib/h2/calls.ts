import { CODE } from './code.ts';
import { MAX_STREAM_ID } from './limits.ts';
import type { Outgoing } from './outgoing.ts';
import { type Ending, type Request, Stream } from './stream.ts';
import { violation } from './violation.ts';

/** Whether it was there. */
const takeOut = (streams: Stream[], stream: Stream): boolean => {
  const place = streams.indexOf(stream);
  if (place === 0) streams.shift();
  else if (place > 0) streams.splice(place, 1);
  return place >= 0;
};

/** The calls of one connection, from their request to their end. */
export class Calls {
  private readonly outgoing: Outgoing;
  /** The peer takes no more calls, and the last one has ended. */
  private readonly onDone: () => void;
  /**
   * By ascending ids. As most answers come in turn, the first one is it. No `Map`: V8 replaces the table of one where entries come
   * and go, each old one refers to the next, and one that has become old keeps all that followed alive.
   */
  private readonly open: Stream[] = [];
  /** For a place among the open ones. */
  private readonly waiting: Stream[] = [];
  /** How many the peer takes at once: none until it says so, or it would refuse what is over its limit. */
  private maxOpen = 0;
  private nextId: number;
  private isGoingAway = false;
  private error: unknown;

  constructor(outgoing: Outgoing, onDone: () => void, firstId: number) {
    this.outgoing = outgoing;
    this.onDone = onDone;
    this.nextId = firstId;
  }

  /** Whether a call that is made now can be sent. */
  isUsable(): boolean {
    return !this.isGoingAway && this.nextId <= MAX_STREAM_ID;
  }

  request(request: Request): Stream {
    const stream = new Stream(request);
    if (this.waiting.length === 0 && this.hasPlace()) this.start(stream);
    else if (this.isUsable()) this.waiting.push(stream);
    else this.finish(stream, 'refused', CODE.noError);
    return stream;
  }

  cancel(stream: Stream): void {
    if (takeOut(this.waiting, stream) || !this.remove(stream)) return;
    this.outgoing.reset(stream, CODE.cancel);
    this.goOn();
  }

  /** Undefined if it is over, for which frames may come late. Throws a violation for one that never was. */
  find(id: number): Stream | undefined {
    const stream = this.open.find((one) => one.id === id);
    if (stream === undefined && (id % 2 === 0 || id >= this.nextId))
      throw violation(CODE.protocol, 'a frame is of a stream that never was');
    return stream;
  }

  /** Its answer is whole; what we have not sent yet nobody will read. */
  answered(stream: Stream): void {
    if (stream.unsent !== undefined) this.outgoing.reset(stream, CODE.cancel);
    this.end(stream, 'answered', CODE.noError);
  }

  /** We want no more of its answer. */
  breakOff(stream: Stream, ending: 'reset' | 'too-large', h2Code: number): void {
    this.outgoing.reset(stream, h2Code);
    this.end(stream, ending, h2Code);
  }

  end(stream: Stream, ending: Ending, h2Code: number): void {
    if (!this.remove(stream)) return;
    this.finish(stream, ending, h2Code);
    this.goOn();
  }

  /** SETTINGS_MAX_CONCURRENT_STREAMS. */
  setPlaces(maxOpen: number): void {
    this.maxOpen = maxOpen;
    this.goOn();
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE. */
  resizeWindows(bytes: number): void {
    this.outgoing.resizeWindows(bytes, this.open);
  }

  /** The peer takes no more, and never looked at those after `lastId`. With an error it answers none of the others either. */
  goAway(lastId: number, h2Code: number): void {
    this.isGoingAway = true;
    for (const stream of [...this.open]) if (stream.id > lastId) this.end(stream, 'refused', CODE.noError);
    this.endWaiting();
    if (h2Code !== CODE.noError) this.endAll(undefined, h2Code);
    this.goOn();
  }

  endAll(error: unknown, h2Code: number): void {
    this.isGoingAway = true;
    this.error = error;
    for (const stream of [...this.open]) this.end(stream, 'lost', h2Code);
    this.endWaiting();
  }

  private endWaiting(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
      this.finish(next, 'refused', CODE.noError);
  }

  private hasPlace(): boolean {
    return this.open.length < this.maxOpen && this.isUsable();
  }

  private start(stream: Stream): void {
    stream.id = this.nextId;
    this.nextId += 2;
    this.open.push(stream);
    try {
      this.outgoing.start(stream);
    } catch (error) {
      stream.error = error;
      this.end(stream, 'unwritten', CODE.noError);
    }
  }

  private remove(stream: Stream): boolean {
    if (!takeOut(this.open, stream)) return false;
    this.outgoing.forget(stream);
    return true;
  }

  private finish(stream: Stream, ending: Ending, h2Code: number): void {
    stream.ending = ending;
    stream.h2Code = h2Code;
    stream.error ??= this.error;
    stream.request.onEnd(stream);
  }

  /** After a place may have become free. */
  private goOn(): void {
    if (this.isGoingAway && this.open.length === 0) this.onDone();
    while (this.waiting.length > 0 && this.hasPlace()) this.start(this.waiting.shift() as Stream);
    if (!this.isUsable()) this.endWaiting();
  }
}
