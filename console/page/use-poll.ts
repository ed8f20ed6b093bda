import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, isProblem } from './api.ts';

export interface Polled<T> {
  /** The last that came, also while there is a problem. */
  readonly answer: Signal<T | undefined>;
  readonly problem: Signal<string | undefined>;
}

/** Calls `work` again so long after each of its ends, while the page is seen. Answers how to end it. */
export const repeat = (work: () => Promise<void>, everyMs: number): (() => void) => {
  let timer = 0;
  let isOver = false;
  const next = async (): Promise<void> => {
    if (!document.hidden) await work();
    if (!isOver) timer = window.setTimeout(next, everyMs);
  };
  void next();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
};

export const usePoll = <T>(path: string, everyMs: number): Polled<T> => {
  const answer = useSignal<T | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const ask = async (): Promise<void> => {
    const got = await get<T>(path);
    problem.value = isProblem(got) ? got.problem : undefined;
    if (!isProblem(got)) answer.value = got;
  };
  useEffect(() => repeat(ask, everyMs), [path, everyMs]);
  return { answer, problem };
};
