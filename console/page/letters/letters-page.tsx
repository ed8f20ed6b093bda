import './letters.css';
import { type Signal, useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JobRequest, LettersAnswer } from '../../answers.ts';
import { about } from '../about.ts';
import { get, isProblem } from '../api.ts';
import { count, counted } from '../format.ts';
import { PageHead } from '../page-head.tsx';
import { Pill } from '../pill.tsx';
import { arrange, type LetterWish } from './arrange.ts';
import { JobDialog } from './job-dialog.tsx';
import { LetterDialog } from './letter-dialog.tsx';
import { LetterList } from './letter-list.tsx';
import { LetterTools } from './letter-tools.tsx';
import { Selection } from './selection.tsx';

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

const setOf =
  <T,>(one: Signal<T | undefined>) =>
  (value: T): void => {
    one.value = value;
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
