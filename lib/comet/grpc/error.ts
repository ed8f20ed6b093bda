import { CODE } from '../../h2/code.ts';
import { type CometError, cometFailure } from '../error.ts';

/** gRPC's status codes that mean something here (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const STATUS = { ok: 0, invalidArgument: 3, deadlineExceeded: 4, unavailable: 14 } as const;

const NAMES: Readonly<Record<number, string>> = {
  2: 'UNKNOWN',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  12: 'UNIMPLEMENTED: is its address a goim comet’s?',
  13: 'INTERNAL',
  16: 'UNAUTHENTICATED',
};

/** Any status but OK; the comet's words stay out, since they may hold keys. */
export const grpcStatusError = (status: number): CometError => {
  const details = { grpcStatus: status };
  switch (status) {
    case STATUS.deadlineExceeded:
      return cometFailure('COMET_TIMEOUT', 'The comet gave up in the given time', details);
    case STATUS.unavailable:
      return cometFailure('COMET_BUSY', 'The comet says not now', details);
    default:
      return cometFailure(
        'COMET_STATUS',
        `The comet answered ${NAMES[status] ?? `status ${status}`}`,
        details,
      );
  }
};

/** An answer that is not gRPC's, as of a proxy (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md). */
export const httpStatusError = (status: number): CometError =>
  status === 429 || status === 503
    ? cometFailure('COMET_BUSY', `The comet says not now (${status})`, { status })
    : cometFailure('COMET_STATUS', `The comet answered HTTP ${status}`, { status });

/** The comet ended the call's stream alone, and the connection goes on. */
export const resetError = (rstCode: number): CometError => {
  const details = { rstCode };
  switch (rstCode) {
    case CODE.refusedStream:
    case CODE.enhanceYourCalm:
      return cometFailure('COMET_BUSY', 'The comet takes no more calls now', details);
    default:
      return cometFailure('COMET_STATUS', `The comet reset the call (${rstCode})`, details);
  }
};
