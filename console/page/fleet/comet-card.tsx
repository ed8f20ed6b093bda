import type { CometAnswer } from '../../answers.ts';
import { count, counted, duration } from '../format.ts';
import { Pill } from '../pill.tsx';

const WIRES: Record<string, string> = {
  http: 'HTTP',
  https: 'HTTP',
  grpc: 'gRPC',
  grpcs: 'gRPC',
  gorpc: 'goim v1',
};

const wireOf = ([first = '']: readonly string[]): string => WIRES[first.split(':', 1).join()] ?? 'unknown';

const State = ({ comet, now }: { readonly comet: CometAnswer; readonly now: number }) => {
  const { leftAt, isFresh, state } = comet;
  if (leftAt !== undefined) return <Pill tone="quiet">left {duration(now - leftAt)} ago</Pill>;
  if (state === 'stopped') return <Pill tone="bad">stopped</Pill>;
  if (state === 'hanging') return <Pill tone="bad">hangs</Pill>;
  return isFresh ? <Pill tone="good">live, fresh</Pill> : <Pill tone="warn">live, rooms not fresh</Pill>;
};

const Known = ({ rooms, connections }: CometAnswer) => (
  <p class="figures">
    {connections !== undefined && <span>{counted(connections, 'connection')}</span>}
    {rooms !== undefined && <span>{counted(rooms, 'room')}</span>}
  </p>
);

export const CometCard = ({ comet, now }: { readonly comet: CometAnswer; readonly now: number }) => (
  <article class="card comet">
    <div class="card-head">
      <h2>{comet.id}</h2>
      <span class="tag">{wireOf(comet.addresses)}</span>
    </div>
    <p class="pills">
      <State comet={comet} now={now} />
      {comet.behind.length > 0 && (
        <Pill tone="bad">behind on {counted(comet.behind.length, 'partition')}</Pill>
      )}
    </p>
    <p class="addresses">
      {comet.addresses[0]}
      {comet.addresses.length > 1 && <span> and {count(comet.addresses.length - 1)} more</span>}
      {comet.zone !== undefined && <span> · {comet.zone}</span>}
    </p>
    <Known {...comet} />
  </article>
);
