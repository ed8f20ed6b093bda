import { type Signal, useComputed, useSignal } from '@preact/signals';
import type { FleetAnswer } from '../../answers.ts';
import { pollMs } from '../about.ts';
import { counted, duration } from '../format.ts';
import { PageHead } from '../page-head.tsx';
import { Pill } from '../pill.tsx';
import { usePoll } from '../use-poll.ts';
import { VirtualList } from '../virtual-list.tsx';
import { arrange, ORDERS, type Order } from './arrange.ts';
import { CometCard } from './comet-card.tsx';

const CARD_PX = 146;
const MIN_COLUMN_PX = 290;

const Summary = ({ fleet }: { readonly fleet: FleetAnswer }) => {
  const live = fleet.comets.filter(({ leftAt }) => leftAt === undefined);
  const stale = live.filter(({ isFresh }) => !isFresh).length;
  const behind = fleet.comets.filter(({ behind: partitions }) => partitions.length > 0).length;
  return (
    <>
      <Pill tone={live.length > 0 ? 'good' : 'bad'}>{counted(live.length, 'comet')} live</Pill>
      {stale > 0 && <Pill tone="warn">{stale} with rooms not fresh</Pill>}
      <Pill tone={behind > 0 ? 'bad' : 'good'}>{behind > 0 ? `${behind} behind` : 'nobody behind'}</Pill>
      <Pill tone={fleet.isCurrent ? 'good' : 'bad'}>
        {fleet.mergedAt === undefined ? 'never merged' : `merged ${duration(fleet.now - fleet.mergedAt)} ago`}
      </Pill>
    </>
  );
};

const Tools = ({ search, order }: { readonly search: Signal<string>; readonly order: Signal<Order> }) => (
  <search class="tools">
    <label>
      <span>Search</span>
      <input
        type="search"
        placeholder="id, address or zone"
        value={search.value}
        onInput={(event) => {
          search.value = event.currentTarget.value;
        }}
      />
    </label>
    <label>
      <span>Order</span>
      <select
        value={order.value}
        onChange={(event) => {
          order.value = event.currentTarget.value as Order;
        }}
      >
        {Object.entries(ORDERS).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  </search>
);

export const FleetPage = () => {
  const { answer, problem } = usePoll<FleetAnswer>('fleet', pollMs());
  const search = useSignal('');
  const order = useSignal<Order>('trouble');
  const shown = useComputed(() => arrange(answer.value?.comets ?? [], search.value, order.value));
  const fleet = answer.value;
  return (
    <>
      <PageHead title="Fleet" problem={problem.value}>
        {fleet !== undefined && <Summary fleet={fleet} />}
      </PageHead>
      <Tools search={search} order={order} />
      {fleet !== undefined && shown.value.length === 0 && <p class="empty">No comet is like that.</p>}
      <VirtualList
        label="Comets"
        items={shown.value}
        rowPx={CARD_PX}
        minColumnPx={MIN_COLUMN_PX}
        keyOf={({ id }) => id}
        render={(comet) => <CometCard comet={comet} now={fleet?.now ?? 0} />}
      />
    </>
  );
};
