import { decodeDelivery, decodeOutcomes } from '../../lib/domain/delivery-payload.ts';
import type { Outcome } from '../../lib/domain/outcome.ts';
import { type Coordinates, opId } from '../../lib/domain/push-message.ts';
import { readWake } from '../../lib/lambda/wake.ts';
import type { Invocation, InvocationWatcher } from './invocations.ts';
import { changePath, type Path, type Paths } from './paths.ts';

const problemOf = (outcome: Outcome | undefined): { readonly problem?: string } => {
  switch (outcome?.status) {
    case undefined:
      return { problem: 'deliver failed' };
    case 'delivered':
      return {};
    case 'dropped':
      return { problem: `dropped: ${outcome.reason}` };
    case 'undelivered':
      return { problem: outcome.code };
  }
};

const recordsOf = (event: unknown): readonly Coordinates[] =>
  Object.values((event as { records?: Record<string, Coordinates[]> }).records ?? {}).flat();

type OnInvocation = (invocation: Invocation, result?: unknown) => void;

/** Writes the functions' calls into the paths of the messages that they are about. */
export const createPathWatcher = (paths: Paths, now: () => number): InvocationWatcher => {
  const dispatched = (event: unknown): Path[] =>
    recordsOf(event).flatMap((record) => paths.get(opId(record)) ?? []);

  const deliverBegan: OnInvocation = ({ event, startedAt }) => {
    const delivery = decodeDelivery(event);
    if ('problem' in delivery) return;
    for (const path of delivery.ops.flatMap(({ id }) => paths.get(id) ?? []))
      changePath(path, delivery.comet.id, { deliver: { startedAt } });
  };

  const deliverEnded: OnInvocation = ({ event, startedAt }, result) => {
    const delivery = decodeDelivery(event);
    if ('problem' in delivery) return;
    const outcomes = decodeOutcomes(result, delivery.ops.length);
    const deliver = { startedAt, endedAt: now() };
    for (const [index, { id }] of delivery.ops.entries()) {
      const path = paths.get(id);
      if (path !== undefined)
        changePath(path, delivery.comet.id, { deliver, ...problemOf(outcomes?.[index]) });
    }
  };

  const redeliverBegan: OnInvocation = ({ event, startedAt }) => {
    const comet = readWake(event)?.comet ?? '';
    for (const path of paths.all()) {
      const known = path.byComet.get(comet);
      if (known !== undefined && known.tookAt === undefined)
        changePath(path, comet, { redeliverAt: known.redeliverAt ?? startedAt });
    }
  };

  const began: Record<string, OnInvocation> = {
    dispatch: ({ event, startedAt }) => {
      for (const path of dispatched(event)) path.dispatch = { startedAt };
    },
    deliver: deliverBegan,
    redeliver: redeliverBegan,
  };
  const ended: Record<string, OnInvocation> = {
    dispatch: ({ event, startedAt }) => {
      for (const path of dispatched(event)) path.dispatch = { startedAt, endedAt: now() };
    },
    deliver: deliverEnded,
  };
  return {
    began: (invocation) => began[invocation.functionKey]?.(invocation),
    ended: (invocation, result) => ended[invocation.functionKey]?.(invocation, result),
  };
};
