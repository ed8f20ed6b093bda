import type { Headers } from './headers.ts';
import type { Fields } from './hpack/field.ts';

/** A request's body, written where it is to be sent from. */
export interface Body {
  readonly bytes: number;
  /** Writes all of it at this place. What it throws ends its call alone. */
  write(into: Buffer, at: number): void;
}

/** How a call ended. */
export type Ending =
  /** By the peer, whole. */
  | 'answered'
  /** By the peer's RST_STREAM, or by ours for an answer that is no HTTP. */
  | 'reset'
  /** The peer never looked at it: it may be sent again. */
  | 'refused'
  /** With the connection. */
  | 'lost'
  /** Its answer is over the limit. */
  | 'too-large'
  /** Its body could not be written. */
  | 'unwritten';

export interface Request {
  readonly fields: Fields;
  readonly body: Body;
  /** Of its answer. */
  readonly maxBodyBytes: number;
  /** Called once, unless it is cancelled; it must not throw. */
  onEnd(call: Call): void;
}

/** What became of a request; whatever came of its answer is there, however it ended. */
export interface Call {
  readonly ending: Ending;
  /** Of the RST_STREAM or GOAWAY that ended it; else 0. */
  readonly h2Code: number;
  /** What ended the connection, or what the body's `write` threw. */
  readonly error: unknown;
  readonly head: Headers | undefined;
  readonly trailers: Headers | undefined;
  /** Not to be changed. */
  readonly body: Buffer;
}

const EMPTY = Buffer.alloc(0);

/** One call on its way. */
export class Stream implements Call {
  readonly request: Request;
  /** 0 until it is begun. */
  id = 0;
  /** Once it does not go out in one piece. */
  unsent: Buffer | undefined = undefined;
  sendWindow = 0;
  /** Received, and the peer not yet told that it may send as much again. */
  unackedBytes = 0;
  head: Headers | undefined = undefined;
  trailers: Headers | undefined = undefined;
  ending: Ending = 'lost';
  h2Code = 0;
  error: unknown = undefined;
  bodyBytes = 0;
  private received: Buffer = EMPTY;

  constructor(request: Request) {
    this.request = request;
  }

  get body(): Buffer {
    const { received, bodyBytes } = this;
    return received.length === bodyBytes ? received : received.subarray(0, bodyBytes);
  }

  /** Nothing is kept a piece: pieces of one byte would take a hundred times their size. */
  append(bytes: Buffer, start: number, end: number): void {
    const total = this.bodyBytes + end - start;
    if (total > this.received.length) {
      const grown = Math.max(total, Math.min(2 * this.received.length, this.request.maxBodyBytes));
      const next = Buffer.allocUnsafe(grown);
      this.received.copy(next, 0, 0, this.bodyBytes);
      this.received = next;
    }
    bytes.copy(this.received, this.bodyBytes, start, end);
    this.bodyBytes = total;
  }
}
