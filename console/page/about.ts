import { signal } from '@preact/signals';
import type { AboutAnswer } from '../answers.ts';
import { get, isProblem } from './api.ts';

export const about = signal<AboutAnswer | undefined>(undefined);
export const aboutProblem = signal<string | undefined>(undefined);

export const loadAbout = async (): Promise<void> => {
  const answer = await get<AboutAnswer>('about');
  if (isProblem(answer)) aboutProblem.value = answer.problem;
  else about.value = answer;
};

/** A stage's reads cost units. */
export const pollMs = (): number => (about.value?.isLocal === true ? 1_000 : 5_000);
