import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, errorAnswer, jsonAnswer, sendAnswer } from './http/answer.ts';

/** What goes wrong in the comet API, and in gRPC what can (grpc-fault.ts). Without a word on it, the request is not looked at and nothing is applied. */
export type FaultKind =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'busy'; readonly status?: 429 | 503; readonly retryAfterS: number }
  | { readonly kind: 'redirect'; readonly location: string }
  /** Status 200 with this for a body. */
  | { readonly kind: 'json'; readonly body: unknown }
  /** Status 200 with what is no JSON, though it says so. */
  | { readonly kind: 'garbage' }
  /** A TCP reset. */
  | { readonly kind: 'reset' }
  /** No answer until the fault is another. */
  | { readonly kind: 'hang' }
  /** The request is applied, its answer breaks off in the middle. */
  | { readonly kind: 'half' }
  /** The request is applied, its answer stops in the middle and stays open. */
  | { readonly kind: 'stall' }
  /** The request is applied, its answer says `text/html`. */
  | { readonly kind: 'html' }
  /** The request is applied, its answer is JSON with white space to this length, sent without a Content-Length. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** The first `done` ops are applied. */
  | { readonly kind: 'partial'; readonly done: number }
  /** The request is applied at once or late, and answered late; the caller may have gone by then. */
  | { readonly kind: 'slow'; readonly ms: number; readonly applies: 'first' | 'late' };

export type Fault = FaultKind & {
  /** Of this path only, like `/v1/rooms` or `/goim.comet.Comet/Rooms`. */
  readonly path?: string;
  /** For so many requests only. */
  readonly times?: number;
};

/** How much of a request is applied, and how long after it has come. */
export interface Applying {
  readonly maxOps?: number | undefined;
  readonly pauseMs?: number | undefined;
}

/** The real answer. */
type MakeAnswer = (applying?: Applying) => Promise<Answer>;

const breakOff = (
  response: ServerResponse,
  { status, headers, body = '' }: Answer,
  then: () => void,
): void => {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), then);
};

const sendHuge = (response: ServerResponse, { status, headers, body = '' }: Answer, bytes: number): void => {
  response.writeHead(status, headers);
  response.write(body);
  response.end(' '.repeat(Math.max(0, bytes - body.length)));
};

/** Answers in the way of the fault; `hold` takes a response that gets no end. */
export const answerWith = async (
  fault: FaultKind,
  response: ServerResponse,
  makeAnswer: MakeAnswer,
  hold: (response: ServerResponse) => void,
): Promise<void> => {
  switch (fault.kind) {
    case 'status':
      return sendAnswer(response, errorAnswer(fault.status, 'a fault that was asked for'));
    case 'busy':
      return sendAnswer(
        response,
        errorAnswer(fault.status ?? 503, 'busy', { 'retry-after': `${fault.retryAfterS}` }),
      );
    case 'redirect':
      return sendAnswer(response, { status: 307, headers: { location: fault.location } });
    case 'json':
      return sendAnswer(response, jsonAnswer(200, fault.body));
    case 'garbage':
      return sendAnswer(response, { ...jsonAnswer(200, {}), body: '{"done":' });
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'hang':
      return hold(response);
    case 'half':
      return breakOff(response, await makeAnswer(), () => response.destroy());
    case 'stall':
      return breakOff(response, await makeAnswer(), () => hold(response));
    case 'html': {
      const answer = await makeAnswer();
      return sendAnswer(response, { ...answer, headers: { ...answer.headers, 'content-type': 'text/html' } });
    }
    case 'huge':
      return sendHuge(response, await makeAnswer(), fault.bytes);
    case 'partial':
      return sendAnswer(response, await makeAnswer({ maxOps: fault.done }));
    case 'slow': {
      const answer = await makeAnswer(fault.applies === 'late' ? { pauseMs: fault.ms } : {});
      if (fault.applies === 'first') await pause(fault.ms);
      return sendAnswer(response, answer);
    }
  }
};

/** A response, or its whole connection. */
interface Held {
  destroy(): unknown;
  on(event: 'close', listener: () => void): unknown;
}

export interface Faults {
  /** Replaces the fault; what an older one held open is closed, so that no caller waits for nothing. */
  set(fault?: Fault): void;
  /** The fault of a request to this path, counted. */
  take(path: string): Fault | undefined;
  hold(response: Held): void;
}

export const createFaults = (): Faults => {
  const held = new Set<Held>();
  let current: Fault | undefined;
  let left = 0;
  return {
    set: (fault) => {
      current = fault;
      left = fault?.times ?? Number.POSITIVE_INFINITY;
      for (const response of held) response.destroy();
    },
    take: (path) => {
      const applies = current !== undefined && left > 0 && (current.path ?? path) === path;
      if (applies) left -= 1;
      return applies ? current : undefined;
    },
    hold: (response) => {
      // One connection of gRPC's has many calls.
      if (held.has(response)) return;
      held.add(response);
      response.on('close', () => held.delete(response));
    },
  };
};
