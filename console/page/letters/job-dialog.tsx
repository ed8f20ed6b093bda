import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JobAnswer, JobRequest } from '../../answers.ts';
import { get, isProblem, type Problem, post } from '../api.ts';
import { Dialog } from '../dialog.tsx';
import { counted } from '../format.ts';
import { repeat } from '../use-poll.ts';

const POLL_MS = 400;
const NAMES = { replay: 'Replay', purge: 'Purge' } as const;

interface Running {
  readonly job: Signal<JobAnswer | undefined>;
  readonly problem: Signal<string | undefined>;
  readonly start: (dryRun: boolean) => Promise<void>;
}

/** The console's one job: started, and followed to its end. */
const useJob = (kind: JobRequest['kind'], ids: readonly string[]): Running => {
  const job = useSignal<JobAnswer | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const take = (got: JobAnswer | Problem): void => {
    problem.value = isProblem(got) ? got.problem : undefined;
    if (!isProblem(got)) job.value = got;
  };
  const start = async (dryRun: boolean): Promise<void> => {
    job.value = undefined;
    take(await post<JobAnswer>('letters/job', { kind, ids, dryRun } satisfies JobRequest));
  };
  const follow = async (): Promise<void> => {
    if (job.value?.state === 'running') take(await get<JobAnswer>('letters/job'));
  };
  useEffect(() => void start(true), []);
  useEffect(() => repeat(follow, POLL_MS), []);
  return { job, problem, start };
};

const Outcome = ({ job }: { readonly job: JobAnswer }) => (
  <>
    <progress max={job.total} value={job.state === 'running' ? job.done : job.total} aria-label="Progress" />
    <p class="big" role="status">
      {job.state === 'running' ? `${job.done} of ${job.total}` : (job.summary ?? 'it did not begin')}
    </p>
    {job.problems.length > 0 && (
      <ul class="lines bad" aria-label="Problems">
        {job.problems.map((line, index) => (
          <li key={`${index} ${line}`}>{line}</li>
        ))}
      </ul>
    )}
    <details>
      <summary>What came of each{job.total > job.lines.length && ', the last ones'}</summary>
      <ul class="lines">
        {job.lines.map((line, index) => (
          <li key={`${index} ${line}`}>{line}</li>
        ))}
      </ul>
    </details>
  </>
);

interface Props {
  readonly kind: JobRequest['kind'];
  readonly ids: readonly string[];
  readonly onClose: () => void;
}

/** A dry run first; what it says is to be confirmed. */
export const JobDialog = ({ kind, ids, onClose }: Props) => {
  const { job, problem, start } = useJob(kind, ids);
  const now = job.value;
  const isRunning = now?.state === 'running';
  return (
    <Dialog title={`${NAMES[kind]} ${counted(ids.length, 'letter')}`} onClose={onClose}>
      <p class="quiet">
        {now?.dryRun === false ? 'What came of it' : 'A dry run: nothing is changed before you confirm.'}
      </p>
      {problem.value !== undefined && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      {now !== undefined && <Outcome job={now} />}
      <p class="actions">
        {now?.dryRun === true && now.state === 'done' && (
          <button type="button" class={kind === 'purge' ? 'danger' : ''} onClick={() => void start(false)}>
            {NAMES[kind]} {counted(ids.length, 'letter')}
          </button>
        )}
        {isRunning && (
          <button type="button" class="plain" onClick={() => void post('letters/job/stop')}>
            Stop
          </button>
        )}
      </p>
    </Dialog>
  );
};
