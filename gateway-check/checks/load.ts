import { MAX_REQUEST_OPS } from '../../lib/domain/limits.ts';
import { whetherDone, whetherStatus } from '../answers.ts';
import type { Check, Finding } from '../check.ts';
import type { Gateway } from '../gateway.ts';
import type { Op } from '../ops.ts';
import { inSomeTries } from '../tries.ts';

/** Requests of partitions that come at once. */
const AT_ONCE = 8;
const WHAT = `${MAX_REQUEST_OPS} ops, ${AT_ONCE} times at once`;

export const thousandOps = ({ name, ops }: Pick<Gateway, 'name' | 'ops'>): Op[] =>
  Array.from({ length: MAX_REQUEST_OPS }, (_, index) => ops.room(`${name}/${index % 100}`));

const load = async (gateway: Gateway): Promise<Finding | undefined> => {
  const asked = Array.from({ length: AT_ONCE }, () => gateway.deliver(thousandOps(gateway)));
  const findings = (await Promise.all(asked)).map((came) => whetherDone(came, MAX_REQUEST_OPS, WHAT));
  return findings.find((finding) => finding !== undefined);
};

/** Answers in time. */
export const loadChecks: readonly Check[] = [
  {
    id: 'load',
    says: `${AT_ONCE} requests of ${MAX_REQUEST_OPS} ops that come at once are answered within 3 s`,
    run: load,
  },
  {
    id: 'rooms-deadline',
    says: 'the rooms are listed within 0.8 s',
    run: ({ rooms, waits }) =>
      inSomeTries(async () => whetherStatus(await rooms({}, waits.roomsMs), 200, 'GET /v1/rooms')),
  },
  {
    id: 'rooms-load',
    says: `the rooms are listed within 0.8 s while ${AT_ONCE} requests of ${MAX_REQUEST_OPS} ops come`,
    run: (gateway) =>
      inSomeTries(async () => {
        const { rooms, waits } = gateway;
        const [came] = await Promise.all([rooms({}, waits.roomsMs), load(gateway)]);
        return whetherStatus(came, 200, `GET /v1/rooms, and ${WHAT}`);
      }),
  },
];
