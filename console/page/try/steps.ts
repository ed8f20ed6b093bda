import type { CometPath, PathAnswer } from '../../answers.ts';
import type { Tone } from '../pill.tsx';

/** One thing that happened to a message. */
export interface Step {
  readonly at: number;
  readonly where: string;
  readonly text: string;
  readonly comet?: string;
  readonly tone: Tone;
}

const took = ({ startedAt, endedAt }: { startedAt: number; endedAt?: number }): string =>
  endedAt === undefined ? 'is at work' : `took ${endedAt - startedAt} ms`;

const cometSteps = ({
  comet,
  deliver,
  problem,
  parkedAt,
  redeliverAt,
  tookAt,
  clients,
}: CometPath): Step[] => {
  const of = (at: number | undefined, where: string, text: string, tone: Tone): Step[] =>
    at === undefined ? [] : [{ at, where, text, comet, tone }];
  return [
    ...of(deliver?.startedAt, 'deliver', deliver ? took(deliver) : '', 'good'),
    ...of(problem === undefined ? undefined : deliver?.endedAt, 'deliver', problem ?? '', 'bad'),
    ...of(parkedAt, 'Parked', tookAt === undefined ? 'waits in the table' : 'waited in the table', 'warn'),
    ...of(
      parkedAt === undefined ? undefined : redeliverAt,
      'redeliver',
      'tries the comet until it answers',
      'warn',
    ),
    ...of(tookAt, 'comet', parkedAt === undefined ? 'took it' : 'took it, redelivered', 'good'),
    ...clients.flatMap(({ key, at }) => of(at, 'client', `${key} has it`, 'good')),
  ];
};

/** In the order of time; of one moment, in the order of the way. */
export const stepsOf = ({ id, producedAt, dispatch, comets }: PathAnswer): Step[] => {
  const steps: Step[] = [{ at: producedAt, where: 'record', text: id, tone: 'quiet' }];
  if (dispatch !== undefined)
    steps.push({ at: dispatch.startedAt, where: 'dispatch', text: took(dispatch), tone: 'good' });
  if (dispatch?.endedAt !== undefined && comets.length === 0)
    steps.push({
      at: dispatch.endedAt,
      where: 'dispatch',
      text: 'no comet has anybody for it',
      tone: 'quiet',
    });
  return [...steps, ...comets.flatMap(cometSteps)].toSorted((a, b) => a.at - b.at);
};
