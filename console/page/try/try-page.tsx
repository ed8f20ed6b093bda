import './try.css';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { TryAnswer } from '../../answers.ts';
import { get, isProblem } from '../api.ts';
import { PageHead } from '../page-head.tsx';
import { repeat } from '../use-poll.ts';
import { CometFaults } from './comet-faults.tsx';
import { ListenerList, ListenForm } from './listen.tsx';
import { PathList } from './path-list.tsx';
import { PushForm } from './push-form.tsx';

const POLL_MS = 400;

const useTry = () => {
  const answer = useSignal<TryAnswer | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const said = useSignal<string | undefined>(undefined);
  const ask = async (): Promise<void> => {
    const got = await get<TryAnswer>('try');
    problem.value = isProblem(got) ? got.problem : undefined;
    if (!isProblem(got)) answer.value = got;
  };
  /** What was said to the last thing that was asked for. */
  const act = (work: Promise<unknown>): void => {
    void work.then((got) => {
      said.value = isProblem(got) ? got.problem : undefined;
      void ask();
    });
  };
  useEffect(() => repeat(ask, POLL_MS), []);
  return { answer, problem, said, act };
};

const Story = () => (
  <ol class="story">
    <li>Listen in a room.</li>
    <li>Push to it, and see the way of the message.</li>
    <li>Stop the comet and push again: it is parked, and nobody else waits.</li>
    <li>Start the comet: it gets what it missed, in order.</li>
  </ol>
);

export const TryPage = () => {
  const { answer, problem, said, act } = useTry();
  const now = answer.value;
  return (
    <>
      <PageHead title="Try it" problem={said.value ?? problem.value}>
        <Story />
      </PageHead>
      {now !== undefined && (
        <div class="try">
          <div class="column">
            <ListenForm comets={now.comets} act={act} />
            <ListenerList listeners={now.listeners} act={act} />
            {now.canPush ? (
              <PushForm comets={now.comets} act={act} />
            ) : (
              <p class="card">The topic is a real Kafka: push with npm run push.</p>
            )}
            <CometFaults comets={now.comets} act={act} />
          </div>
          <PathList paths={now.paths} />
        </div>
      )}
    </>
  );
};
