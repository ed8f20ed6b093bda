import { openGorpcComet } from '../../../lib/comet/gorpc/comet.ts';
import { MAX_REPLY_BYTES } from '../../../lib/domain/limits.ts';
import { describeCometClient } from '../contract.ts';

describeCometClient('net/rpc', {
  // The suite's bodies are no JSON.
  open: ({ gorpcUrl }, callMs) => openGorpcComet(`${gorpcUrl}?bodies=any`, { callMs }),
  wire: { gorpcPort: 0 },
  isV1: true,
  failing: [
    ['nothing', { kind: 'hang' }, 'COMET_TIMEOUT'],
    ['half of an answer, though it applies it', { kind: 'stall' }, 'COMET_TIMEOUT'],
    ['the end of the connection', { kind: 'half' }, 'COMET_UNREACHABLE'],
    ['a reset', { kind: 'reset' }, 'COMET_UNREACHABLE'],
    ['an error', { kind: 'status', status: 500 }, 'COMET_STATUS'],
    ['too much', { kind: 'huge', bytes: MAX_REPLY_BYTES + 1 }, 'COMET_REPLY_TOO_LARGE'],
  ],
});
