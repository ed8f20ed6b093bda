import type { LetterAnswer } from '../../answers.ts';

const HOUR_MS = 3_600_000;

/** Of when a letter died, hours ago at most. */
export const TIMES = { any: 'At any time', '1': 'In the last hour', '24': 'In the last day' } as const;
export type Time = keyof typeof TIMES;

export interface LetterWish {
  /** Empty: any. */
  readonly reason: string;
  readonly comet: string;
  readonly time: Time;
}

/** Those that are wished for, in the order given. */
export const arrange = (
  letters: readonly LetterAnswer[],
  { reason, comet, time }: LetterWish,
  now: number,
): LetterAnswer[] => {
  const since = time === 'any' ? 0 : now - Number(time) * HOUR_MS;
  const wanted = comet.trim().toLowerCase();
  return letters.filter(
    (letter) =>
      (reason === '' || letter.reason === reason) &&
      letter.diedAt >= since &&
      (letter.comet ?? '').toLowerCase().includes(wanted),
  );
};
