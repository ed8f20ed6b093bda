import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGrpcComet } from '../../../lib/comet/grpc/comet.ts';
import { openComet } from '../../../lib/comet/open.ts';
import { MAX_REPLY_BYTES } from '../../../lib/domain/limits.ts';
import { DELIVERED } from '../../../lib/domain/outcome.ts';
import { type ReferenceComet, startReferenceComet } from '../../../local/comet/reference-comet.ts';
import { describeCometClient, roomOp } from '../contract.ts';

describeCometClient('gRPC', {
  open: ({ grpcUrl }, callMs) => openGrpcComet(`${grpcUrl}`, { callMs }),
  wire: { grpcPort: 0 },
  failing: [
    ['nothing', { kind: 'hang' }, 'COMET_TIMEOUT'],
    ['nothing, though it applies it', { kind: 'stall' }, 'COMET_TIMEOUT'],
    ['the end of the connection', { kind: 'half' }, 'COMET_UNREACHABLE'],
    ['a reset', { kind: 'reset' }, 'COMET_UNREACHABLE'],
    ['Internal', { kind: 'status', status: 500 }, 'COMET_STATUS'],
    ['Unauthenticated', { kind: 'status', status: 401 }, 'COMET_STATUS'],
    ['Unavailable', { kind: 'busy', retryAfterS: 3600 }, 'COMET_BUSY'],
    ['too much', { kind: 'huge', bytes: MAX_REPLY_BYTES + 1 }, 'COMET_REPLY_TOO_LARGE'],
  ],
});

describe('opening a comet at gRPC addresses', () => {
  const never = new AbortController().signal;
  let comet: ReferenceComet;
  beforeEach(async () => {
    comet = await startReferenceComet({ id: 'c', host: '127.0.0.1', clientPort: 0, apiPort: 0, grpcPort: 0 });
  });
  afterEach(() => comet.close());

  test.each([
    ['gRPC to gRPC', ({ grpcUrl }: ReferenceComet) => ['grpc://127.0.0.1:9', `${grpcUrl}`]],
    ['gRPC to HTTP', ({ apiUrl }: ReferenceComet) => ['grpc://127.0.0.1:9', apiUrl]],
    ['HTTP to gRPC', ({ grpcUrl }: ReferenceComet) => ['http://127.0.0.1:9', `${grpcUrl}`]],
    [
      'TLS where none is spoken to gRPC',
      ({ grpcUrl }: ReferenceComet) => [`${grpcUrl}`.replace('grpc', 'grpcs'), `${grpcUrl}`],
    ],
  ])('fails over from %s', async (_name, addressesOf) => {
    const opened = openComet({ id: 'c', addresses: addressesOf(comet) });
    expect(await opened.deliver([roomOp(1), roomOp(2)], never)).toEqual([DELIVERED, DELIVERED]);
    expect(await opened.rooms(never)).toEqual(new Set());
    opened.close();
  });

  test.each(['grpc://', 'grpc:', 'grpcs:///x'])('refuses %s', (address) => {
    expect(() => openComet({ id: 'c', addresses: [address] })).toThrow(
      expect.objectContaining({ code: 'COMET_ADDRESS_INVALID' }),
    );
  });
});
