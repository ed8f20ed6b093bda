import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { RoomStatus, RoomsStatus } from '../../answers.ts';
import { about } from '../about.ts';
import { get, isProblem, type Problem } from '../api.ts';
import { counted } from '../format.ts';
import { PageHead } from '../page-head.tsx';
import { VirtualList } from '../virtual-list.tsx';

const ROW_PX = 44;

/** What the last request answered. */
const useAnswer = <T extends object>() => {
  const answer = useSignal<T | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const ask = async (path: string): Promise<void> => {
    const got: T | Problem = await get<T>(path);
    problem.value = isProblem(got) ? got.problem : undefined;
    answer.value = isProblem(got) ? undefined : got;
  };
  return { answer, problem, ask };
};

const Comets = ({ comets }: { readonly comets: readonly string[] }) => (
  <span class="tags">
    {comets.map((comet) => (
      <span class="tag" key={comet}>
        {comet}
      </span>
    ))}
  </span>
);

const Found = ({ found }: { readonly found: RoomStatus }) => (
  <section class="card" aria-live="polite">
    <h2>{found.room}</h2>
    {found.comets.length === 0 ? (
      <p>No comet is known to have it: its messages go to every comet.</p>
    ) : (
      <Comets comets={found.comets} />
    )}
  </section>
);

const Largest = ({ rooms, largest }: RoomsStatus) => (
  <>
    <h2 class="section">
      {rooms > largest.length ? `The ${largest.length} on most comets` : 'Those on most comets first'}
    </h2>
    {rooms === 0 && <p class="empty">Nobody is in a room.</p>}
    <VirtualList
      label="Rooms"
      items={largest}
      rowPx={ROW_PX}
      keyOf={({ room }) => room}
      render={({ room, comets }) => (
        <div class="row">
          <strong>{room}</strong>
          <span class="quiet">{counted(comets.length, 'comet')}</span>
          <Comets comets={comets.slice(0, 8)} />
        </div>
      )}
    />
  </>
);

const Search = ({ onSearch }: { readonly onSearch: (room: string) => void }) => {
  const room = useSignal('');
  return (
    <form
      class="tools"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(room.value.trim());
      }}
    >
      <label>
        <span>Room</span>
        <input
          type="search"
          required
          placeholder="live://1000"
          value={room.value}
          onInput={(event) => {
            room.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit">Find</button>
    </form>
  );
};

export const RoomsPage = () => {
  const found = useAnswer<RoomStatus>();
  const all = useAnswer<RoomsStatus>();
  const isLocal = about.value?.isLocal === true;
  useEffect(() => {
    if (isLocal) void all.ask('rooms');
  }, [isLocal]);
  return (
    <>
      <PageHead title="Rooms" problem={found.problem.value ?? all.problem.value}>
        {all.answer.value !== undefined && (
          <span class="pill">{counted(all.answer.value.rooms, 'room')}</span>
        )}
      </PageHead>
      <Search onSearch={(room) => void found.ask(`rooms/one?room=${encodeURIComponent(room)}`)} />
      {found.answer.value !== undefined && <Found found={found.answer.value} />}
      <p class="note">
        <button type="button" class="plain" onClick={() => void all.ask('rooms')}>
          {all.answer.value === undefined ? 'Read all rooms' : 'Read again'}
        </button>
        {!isLocal && ' That reads the whole table: a read unit for 4 KB.'}
      </p>
      {all.answer.value !== undefined && <Largest {...all.answer.value} />}
    </>
  );
};
