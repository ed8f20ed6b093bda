import 'uplot/dist/uPlot.min.css';
import './flow.css';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FlowAnswer, FlowSecond } from '../../answers.ts';
import { about } from '../about.ts';
import { get, isProblem } from '../api.ts';
import { PageHead } from '../page-head.tsx';
import { repeat } from '../use-poll.ts';
import { Chart } from './chart.tsx';
import { CHARTS, SHOWN_S } from './series.ts';

const POLL_MS = 1_000;

/** What was said since the last time is added to what is there. */
const useFlow = () => {
  const seconds = useSignal<readonly FlowSecond[]>([]);
  const end = useSignal(Math.floor(Date.now() / 1000) - 1);
  const problem = useSignal<string | undefined>(undefined);
  const ask = async (): Promise<void> => {
    const got = await get<FlowAnswer>(`flow?after=${seconds.value.at(-1)?.second ?? 0}`);
    problem.value = isProblem(got) ? got.problem : undefined;
    if (isProblem(got)) return;
    end.value = Math.floor(got.now / 1000) - 1;
    seconds.value = [...seconds.value, ...got.seconds].filter(({ second }) => second > end.value - SHOWN_S);
  };
  useEffect(() => repeat(ask, POLL_MS), []);
  return { seconds, end, problem };
};

const LocalFlow = () => {
  const { seconds, end, problem } = useFlow();
  return (
    <>
      <PageHead title="Flow" problem={problem.value}>
        <span class="quiet">The last 15 minutes, from the functions' own metrics.</span>
      </PageHead>
      {seconds.value.length === 0 && (
        <p class="note">Nothing has flowed yet: push something, under Try it or with npm run push.</p>
      )}
      <div class="charts">
        {CHARTS.map((plan) => (
          <Chart key={plan.title} plan={plan} seconds={seconds.value} end={end.value} />
        ))}
      </div>
    </>
  );
};

const StageFlow = ({ metricsUrl }: { readonly metricsUrl: string | undefined }) => (
  <>
    <PageHead title="Flow" />
    <p class="empty">
      The metrics of a stage are in CloudWatch: <a href={metricsUrl ?? ''}>its dashboard</a>.
    </p>
  </>
);

export const FlowPage = () =>
  about.value?.isLocal === true ? <LocalFlow /> : <StageFlow metricsUrl={about.value?.metricsUrl} />;
