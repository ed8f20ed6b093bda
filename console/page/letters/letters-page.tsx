import { type Signal, useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JobRequest, LetterAnswer, LettersAnswer } from '../../answers.ts';
import { about } from '../about.ts';
import { get, isProblem } from '../api.ts';
import { count, counted } from '../format.ts';
import { PageHead } from '../page-head.tsx';
import { Pill } from '../pill.tsx';
import { VirtualList } from '../virtual-list.tsx';
import { arrange, type LetterWish } from './arrange.ts';
import { JobDialog } from './job-dialog.tsx';
import { LetterDialog } from './letter-dialog.tsx';
import { LetterRow } from './letter-row.tsx';
import { LetterTools } from './letter-tools.tsx';

const ROW_PX = 44;

const useLetters = () => {
  const answer = useSignal<LettersAnswer | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const read = async (): Promise<void> => {
    const got = await get<LettersAnswer>('letters');
    problem.value = isProblem(got) ? got.problem : undefined;
    if (!isProblem(got)) answer.value = got;
  };
  useEffect(() => void read(), []);
  return { answer, problem, read };
};

const Summary = ({ letters, countByReason, isAll, broken }: LettersAnswer) => {
  const total = Object.values(countByReason).reduce((sum, number) => sum + number, 0);
  return (
    <>
      <Pill tone={total > 0 ? 'warn' : 'good'}>
        {!isAll && 'over '}
        {counted(total, 'letter')}
      </Pill>
      {total > letters.length && <Pill tone="quiet">the newest {count(letters.length)} are listed</Pill>}
      {broken > 0 && <Pill tone="bad">{counted(broken, 'item')} cannot be read</Pill>}
    </>
  );
};

interface SelectionProps {
  readonly shown: readonly LetterAnswer[];
  readonly selected: Signal<ReadonlySet<string>>;
  readonly onJob: (kind: JobRequest['kind']) => void;
}

const Selection = ({ shown, selected, onJob }: SelectionProps) => {
  const isAll = shown.length > 0 && selected.value.size === shown.length;
  const none = selected.value.size === 0;
  return (
    <div class="selection">
      <label class="check">
        <input
          type="checkbox"
          checked={isAll}
          onChange={() => {
            selected.value = new Set(isAll ? [] : shown.map(({ id }) => id));
          }}
        />
        All {count(shown.length)} listed
      </label>
      <span role="status">{none ? '' : `${count(selected.value.size)} selected`}</span>
      <button type="button" disabled={none} onClick={() => onJob('replay')}>
        Replay…
      </button>
      <button type="button" class="plain" disabled={none} onClick={() => onJob('purge')}>
        Purge…
      </button>
    </div>
  );
};

const setOf =
  <T,>(one: Signal<T | undefined>) =>
  (value: T): void => {
    one.value = value;
  };

const withOne = (ids: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> => {
  const next = new Set(ids);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
};

const Dialogs = ({
  opened,
  job,
  selected,
  onJobEnd,
}: {
  readonly opened: Signal<string | undefined>;
  readonly job: Signal<JobRequest['kind'] | undefined>;
  readonly selected: Signal<ReadonlySet<string>>;
  readonly onJobEnd: () => void;
}) => (
  <>
    {opened.value !== undefined && (
      <LetterDialog
        id={opened.value}
        onClose={() => {
          opened.value = undefined;
        }}
      />
    )}
    {job.value !== undefined && <JobDialog kind={job.value} ids={[...selected.value]} onClose={onJobEnd} />}
  </>
);

interface ListProps {
  readonly shown: readonly LetterAnswer[];
  readonly now: number;
  /** Absent: nothing may be changed. */
  readonly selected: Signal<ReadonlySet<string>> | undefined;
  readonly onShow: (id: string) => void;
}

const LetterList = ({ shown, now, selected, onShow }: ListProps) => (
  <VirtualList
    label="Letters"
    items={shown}
    rowPx={ROW_PX}
    keyOf={({ id }) => id}
    render={(letter) => (
      <LetterRow
        letter={letter}
        now={now}
        isSelected={selected?.value.has(letter.id) ?? false}
        onSelect={
          selected &&
          ((isSelected) => {
            selected.value = withOne(selected.value, letter.id, isSelected);
          })
        }
        onShow={() => onShow(letter.id)}
      />
    )}
  />
);

const Nothing = ({ letters }: LettersAnswer) => (
  <p class="empty">{letters.length === 0 ? 'Nothing was given up.' : 'No letter is like that.'}</p>
);

export const LettersPage = () => {
  const { answer, problem, read } = useLetters();
  const wish = useSignal<LetterWish>({ reason: '', comet: '', time: 'any' });
  const selected = useSignal<ReadonlySet<string>>(new Set());
  const opened = useSignal<string | undefined>(undefined);
  const job = useSignal<JobRequest['kind'] | undefined>(undefined);
  const letters = answer.value;
  const shown = useComputed(() => arrange(answer.value?.letters ?? [], wish.value, answer.value?.now ?? 0));
  const canChange = about.value?.canChange === true;
  const unselect = (): void => {
    selected.value = new Set();
  };
  return (
    <>
      <PageHead title="Dead letters" problem={problem.value}>
        {letters !== undefined && <Summary {...letters} />}
      </PageHead>
      <LetterTools
        countByReason={letters?.countByReason ?? {}}
        wish={wish.value}
        onWish={(next) => {
          wish.value = next;
          unselect();
        }}
        onRead={() => void read()}
      />
      {canChange && <Selection shown={shown.value} selected={selected} onJob={setOf(job)} />}
      {letters !== undefined && shown.value.length === 0 && <Nothing {...letters} />}
      <LetterList
        shown={shown.value}
        now={letters?.now ?? 0}
        selected={canChange ? selected : undefined}
        onShow={setOf(opened)}
      />
      <Dialogs
        opened={opened}
        job={job}
        selected={selected}
        onJobEnd={() => {
          job.value = undefined;
          unselect();
          void read();
        }}
      />
    </>
  );
};
