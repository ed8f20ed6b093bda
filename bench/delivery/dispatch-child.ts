import { setTimeout as sleep } from 'node:timers/promises';
import { openComet } from '../../lib/comet/open.ts';
import { createDeliverer } from '../../lib/deliver/deliver.ts';
import { createInlineSender } from '../../lib/deliver/inline-sender.ts';
import type { Send, Sender } from '../../lib/dispatch/fan-out.ts';
import type { Comet } from '../../lib/domain/fleet.ts';
import { MAX_BLOCK_BYTES } from '../../lib/domain/limits.ts';
import type { Mark } from '../../lib/domain/mark.ts';
import { coordinatesOf, partitionName } from '../../lib/domain/push-message.ts';
import { createInvokeSender } from '../../lib/lambda/send.ts';
import { startInvokeApi } from '../../local/invoke-api/invoke-api.ts';
import { contextOf, DISPATCH_LIMIT_MS } from '../../local/set/function-environment.ts';
import { COMET_S, STORE_S } from '../cost/batch-work.ts';
import { createDispatchHandler } from '../dispatch-handler.ts';
import { memoryFleet } from '../memory-fleet.ts';
import type { Way } from './way.ts';

/** `dispatch` with one way to deliver, behind an Invoke API. Arguments: the way, the comets as JSON. Each question is answered with an `Account`. */
export interface Account {
  /** So far, µs. */
  readonly cpuUs: number;
  /** So far, MiB. */
  readonly peakMib: number;
  /** Ops that were parked since the last question; their marks are gone. */
  readonly parked: number;
}

const [way = 'inline', comets = '[]'] = process.argv.slice(2) as [Way?, string?];

const invoker = createInvokeSender({ functionName: 'goim-job-dev-deliver', onRetry: () => {} });
const inline = createInlineSender(createDeliverer({ openComet: (comet) => openComet(comet) }));
const call: Send = async (comet, chunk, limits) => {
  await sleep(1000 * COMET_S);
  return await inline.send(comet, chunk, limits);
};
const SENDERS: Readonly<Record<Way, Sender>> = {
  invoke: invoker,
  inline: { ...inline, send: call },
  'by-size': {
    send: (comet, chunk, limits) =>
      (chunk.bytes <= MAX_BLOCK_BYTES ? call : invoker.send)(comet, chunk, limits),
    heldBytes: invoker.heldBytes,
  },
};

let marks: Mark[] = [];
let parked = 0;
const handler = createDispatchHandler({
  stores: memoryFleet(JSON.parse(comets) as Comet[]),
  sender: SENDERS[way],
  behind: {
    readPartition: (partition) =>
      sleep(
        1000 * STORE_S,
        marks.filter((mark) => mark.partition === partition),
      ),
  },
  park: async (comet, ops) => {
    parked += ops.length;
    const partitions = new Set(ops.map(({ op }) => partitionName(coordinatesOf(op.id))));
    for (const partition of partitions) marks.push({ partition, comet, parkedThrough: 0, token: '' });
    return [];
  },
});

const { url } = await startInvokeApi((_name, event) => handler(event, contextOf(DISPATCH_LIMIT_MS)));
process.on('disconnect', () => process.exit());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const account: Account = { cpuUs: user + system, peakMib: process.resourceUsage().maxRSS / 1024, parked };
  marks = [];
  parked = 0;
  process.send?.(account);
});
process.send?.({ address: url });
