import type { Calls } from './calls.ts';
import { CODE } from './code.ts';
import { FLAG, type Frame } from './frame.ts';
import type { Headers } from './headers.ts';
import { unpad } from './padding.ts';
import type { ReceiveWindows } from './receive-windows.ts';
import type { Stream } from './stream.ts';
import { violation } from './violation.ts';

const isInterim = ({ status }: Headers): boolean => status >= 100 && status < 200;

/** What the peer answers, put to the calls that it is for. */
export class Responses {
  private readonly calls: Calls;
  private readonly windows: ReceiveWindows;
  private readonly onHeard: () => void;

  /** `onHeard`: a call was brought forward. */
  constructor(calls: Calls, windows: ReceiveWindows, onHeard: () => void) {
    this.calls = calls;
    this.windows = windows;
    this.onHeard = onHeard;
  }

  headers(id: number, headers: Headers, isLast: boolean): void {
    const stream = this.calls.find(id);
    if (stream === undefined) return;
    const isTrailers = stream.head !== undefined;
    if (!isTrailers && isInterim(headers) && !isLast) return;
    const isHttp = isTrailers ? isLast && headers.status === 0 : headers.status >= 200;
    if (headers.isMalformed || !isHttp) {
      this.calls.breakOff(stream, 'reset', CODE.protocol);
      return;
    }
    if (isTrailers) stream.trailers = headers;
    else stream.head = headers;
    this.onHeard();
    if (isLast) this.calls.answered(stream);
  }

  data(frame: Frame): void {
    if (frame.stream === 0) throw violation(CODE.protocol, 'DATA are of the connection');
    const flowBytes = frame.end - frame.start;
    unpad(frame);
    this.windows.take(flowBytes);
    const stream = this.calls.find(frame.stream);
    if (stream !== undefined) this.dataOf(stream, frame, flowBytes);
  }

  private dataOf(stream: Stream, { flags, bytes, start, end }: Frame, flowBytes: number): void {
    if (stream.head === undefined) {
      this.calls.breakOff(stream, 'reset', CODE.protocol);
      return;
    }
    if (stream.bodyBytes + end - start > stream.request.maxBodyBytes) {
      this.calls.breakOff(stream, 'too-large', CODE.cancel);
      return;
    }
    if (end > start) {
      stream.append(bytes, start, end);
      this.onHeard();
    }
    if ((flags & FLAG.endStream) !== 0) this.calls.answered(stream);
    else this.windows.takeFor(stream, flowBytes);
  }
}
