import { useRef } from 'preact/hooks';
import type { ParkedAnswer, QueueStatus } from '../../answers.ts';
import { pollMs } from '../about.ts';
import { count, counted, duration } from '../format.ts';
import { PageHead } from '../page-head.tsx';
import { Pill } from '../pill.tsx';
import { usePoll } from '../use-poll.ts';
import { VirtualList } from '../virtual-list.tsx';

const CARD_PX = 196;
const MIN_COLUMN_PX = 340;

const nameOf = ({ comet, partition }: QueueStatus): string => `${comet} · ${partition}`;

/** The most that each queue was seen to hold, so that a bar can show how it empties. */
const useMost = (queues: readonly QueueStatus[]): ReadonlyMap<string, number> => {
  const most = useRef(new Map<string, number>());
  for (const queue of queues)
    most.current.set(nameOf(queue), Math.max(queue.ops, most.current.get(nameOf(queue)) ?? 0));
  return most.current;
};

const opsOf = ({ ops, more }: QueueStatus): string => (more ? `over ${count(ops)} ops` : counted(ops, 'op'));

const Fact = ({ name, children }: { readonly name: string; readonly children: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const QueueCard = ({
  queue,
  most,
  now,
}: {
  readonly queue: QueueStatus;
  readonly most: number;
  readonly now: number;
}) => (
  <article class="card">
    <div class="card-head">
      <h2>{queue.comet}</h2>
      <span class="tag">{queue.partition}</span>
    </div>
    {queue.problem !== undefined && <Pill tone="bad">{queue.problem}</Pill>}
    <p class="big">{opsOf(queue)}</p>
    <meter
      min={0}
      max={Math.max(1, most)}
      value={queue.ops}
      aria-label={`of the ${counted(most, 'op')} seen at most`}
    />
    <dl class="facts">
      <Fact name="Oldest">{queue.oldestAt === undefined ? 'none' : duration(now - queue.oldestAt)}</Fact>
      <Fact name="Parked through offset">{String(queue.parkedThrough)}</Fact>
      <Fact name="Redelivers">
        {queue.owner === undefined ? 'nobody now' : queue.owner.owner.slice(0, 8)}
      </Fact>
    </dl>
  </article>
);

const Summary = ({ queues, left, now }: ParkedAnswer) => {
  const ops = queues.reduce((sum, queue) => sum + queue.ops, 0);
  const oldest = queues.flatMap(({ oldestAt }) => oldestAt ?? []).toSorted((a, b) => a - b)[0];
  return (
    <>
      <Pill tone={queues.length > 0 ? 'warn' : 'good'}>
        {counted(queues.length + left, 'queue')}, {queues.some(({ more }) => more) && 'over '}
        {counted(ops, 'op')}
      </Pill>
      {oldest !== undefined && <Pill tone="warn">oldest {duration(now - oldest)}</Pill>}
      {left > 0 && <Pill tone="quiet">{counted(left, 'queue')} not shown</Pill>}
    </>
  );
};

export const ParkedPage = () => {
  const { answer, problem } = usePoll<ParkedAnswer>('parked', pollMs());
  const parked = answer.value;
  const most = useMost(parked?.queues ?? []);
  return (
    <>
      <PageHead title="Parked" problem={problem.value}>
        {parked !== undefined && <Summary {...parked} />}
      </PageHead>
      {parked?.queues.length === 0 && (
        <p class="empty">Nothing is parked: each comet takes what is sent to it.</p>
      )}
      <VirtualList
        label="Queues"
        items={parked?.queues ?? []}
        rowPx={CARD_PX}
        minColumnPx={MIN_COLUMN_PX}
        keyOf={nameOf}
        render={(queue) => (
          <QueueCard queue={queue} most={most.get(nameOf(queue)) ?? 0} now={parked?.now ?? 0} />
        )}
      />
    </>
  );
};
