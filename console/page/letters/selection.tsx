import type { Signal } from '@preact/signals';
import type { JobRequest, LetterAnswer } from '../../answers.ts';
import { count } from '../format.ts';

interface SelectionProps {
  readonly shown: readonly LetterAnswer[];
  readonly selected: Signal<ReadonlySet<string>>;
  readonly onJob: (kind: JobRequest['kind']) => void;
}

export const Selection = ({ shown, selected, onJob }: SelectionProps) => {
  const isAll = shown.length > 0 && selected.value.size === shown.length;
  const none = selected.value.size === 0;
  return (
    <div class="selection">
      <label class="check">
        <input
          type="checkbox"
          checked={isAll}
          onChange={() => {
            selected.value = new Set(isAll ? [] : shown.map(({ id }) => id));
          }}
        />
        All {count(shown.length)} listed
      </label>
      <span role="status">{none ? '' : `${count(selected.value.size)} selected`}</span>
      <button type="button" disabled={none} onClick={() => onJob('replay')}>
        Replay…
      </button>
      <button type="button" class="plain" disabled={none} onClick={() => onJob('purge')}>
        Purge…
      </button>
    </div>
  );
};
