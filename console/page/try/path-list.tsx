import type { PathAnswer } from '../../answers.ts';
import { duration } from '../format.ts';
import { type Step, stepsOf } from './steps.ts';

const MS_BELOW = 1_000;

const later = (ms: number): string => (ms < MS_BELOW ? `+${ms} ms` : `+${duration(ms)}`);

const StepRow = ({ step, since }: { readonly step: Step; readonly since: number }) => (
  <li class={`step ${step.tone}`}>
    <span class="when">{later(step.at - since)}</span>
    <span class="where">{step.where}</span>
    <span class="what">
      {step.comet !== undefined && <span class="tag">{step.comet}</span>} {step.text}
    </span>
  </li>
);

const Path = ({ path }: { readonly path: PathAnswer }) => {
  const steps = stepsOf(path);
  return (
    <article class="path">
      <h3>{path.target}</h3>
      <ol>
        {steps.map((step) => (
          <StepRow key={`${step.where} ${step.comet} ${step.text}`} step={step} since={path.producedAt} />
        ))}
      </ol>
    </article>
  );
};

export const PathList = ({ paths }: { readonly paths: readonly PathAnswer[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
  <section class="card" aria-label="Paths" tabIndex={0}>
    <h2>What became of each message</h2>
    {paths.length === 0 && <p class="quiet">The way of what you push is here, step by step, newest first.</p>}
    <div aria-live="polite">
      {paths.map((path) => (
        <Path key={path.id} path={path} />
      ))}
    </div>
  </section>
);
