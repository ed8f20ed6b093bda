import type { LocalComet } from '../../answers.ts';
import { post } from '../api.ts';
import { Pill } from '../pill.tsx';

const FAULTS = { stop: 'Stop', hang: 'Hang', start: 'Start' } as const;
const STATE_OF = { stop: 'stopped', hang: 'hanging', start: 'running' } as const;

interface Props {
  readonly comets: readonly LocalComet[];
  readonly act: (work: Promise<unknown>) => void;
}

const Faults = ({ comet, act }: { readonly comet: LocalComet; readonly act: Props['act'] }) => (
  <span class="buttons">
    {(Object.keys(FAULTS) as (keyof typeof FAULTS)[]).map((fault) => (
      <button
        key={fault}
        type="button"
        class="plain small"
        aria-label={`${FAULTS[fault]} ${comet.id}`}
        disabled={comet.state === STATE_OF[fault]}
        onClick={() => act(post('try/fault', { comet: comet.id, fault }))}
      >
        {FAULTS[fault]}
      </button>
    ))}
  </span>
);

/** What `npm run comet` does: clients stay connected. */
export const CometFaults = ({ comets, act }: Props) => (
  <section class="card" aria-label="Comets">
    <h2>Comets</h2>
    <ul class="faults">
      {comets.map((comet) => (
        <li key={comet.id}>
          <strong>{comet.id}</strong>
          <Pill tone={comet.state === 'running' ? 'good' : 'bad'}>{comet.state}</Pill>
          <Faults comet={comet} act={act} />
        </li>
      ))}
    </ul>
  </section>
);
