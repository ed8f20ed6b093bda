import { CODE } from './code.ts';
import { FLAG, type Frame } from './frame.ts';
import { type Headers, readHeaders } from './headers.ts';
import { Decoder } from './hpack/decoder.ts';
import { MAX_CONTINUATIONS, MAX_HEADERS_BYTES } from './limits.ts';
import { skipPriority, unpad } from './padding.ts';
import { violation } from './violation.ts';

/** A block whose end is to come. */
interface Begun {
  readonly stream: number;
  readonly isLast: boolean;
  block: Buffer;
  continuations: number;
}

/** A whole header block came: `isLast` if its stream ends with it. */
type OnHeaders = (stream: number, headers: Headers, isLast: boolean) => void;

/** Puts header blocks together and decodes them, also those of streams that are over: each changes the table. */
export class HeaderBlocks {
  private readonly onHeaders: OnHeaders;
  private readonly decoder = new Decoder(readHeaders);
  private begun: Begun | undefined;

  constructor(onHeaders: OnHeaders) {
    this.onHeaders = onHeaders;
  }

  /** The stream whose CONTINUATION, and nothing else, must come next. */
  get unfinished(): number | undefined {
    return this.begun?.stream;
  }

  headers(frame: Frame): void {
    unpad(frame);
    skipPriority(frame);
    const { stream, flags, bytes, start, end } = frame;
    const isLast = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) {
      this.onHeaders(stream, this.decoder.decode(bytes, start, end), isLast);
      return;
    }
    this.begun = { stream, isLast, block: Buffer.from(bytes.subarray(start, end)), continuations: 0 };
  }

  continuation({ flags, bytes, start, end }: Frame): void {
    const { begun } = this;
    if (begun === undefined) throw violation(CODE.protocol, 'CONTINUATION of nothing');
    begun.continuations += 1;
    begun.block = Buffer.concat([begun.block, bytes.subarray(start, end)]);
    if (begun.continuations > MAX_CONTINUATIONS || begun.block.length > MAX_HEADERS_BYTES)
      throw violation(CODE.enhanceYourCalm, 'a header block does not end');
    if ((flags & FLAG.endHeaders) === 0) return;
    this.begun = undefined;
    const { stream, block, isLast } = begun;
    this.onHeaders(stream, this.decoder.decode(block, 0, block.length), isLast);
  }
}
