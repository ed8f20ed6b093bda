import { count } from '../format.ts';
import { type LetterWish, TIMES, type Time } from './arrange.ts';

interface Props {
  readonly countByReason: Readonly<Record<string, number>>;
  readonly wish: LetterWish;
  readonly onWish: (wish: LetterWish) => void;
  readonly onRead: () => void;
}

const Reasons = ({ countByReason, wish, onWish }: Omit<Props, 'onRead'>) => {
  const reasons = Object.entries(countByReason).toSorted(([, a], [, b]) => b - a);
  return (
    <fieldset class="chips">
      <legend class="unseen">Reason</legend>
      {reasons.map(([reason, number]) => (
        <button
          key={reason}
          type="button"
          class="chip"
          aria-pressed={wish.reason === reason}
          onClick={() => onWish({ ...wish, reason: wish.reason === reason ? '' : reason })}
        >
          {reason} <strong>{count(number)}</strong>
        </button>
      ))}
    </fieldset>
  );
};

export const LetterTools = ({ countByReason, wish, onWish, onRead }: Props) => (
  <>
    <Reasons countByReason={countByReason} wish={wish} onWish={onWish} />
    <search class="tools">
      <label>
        <span>Comet</span>
        <input
          type="search"
          value={wish.comet}
          onInput={(event) => onWish({ ...wish, comet: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>Died</span>
        <select
          value={wish.time}
          onChange={(event) => onWish({ ...wish, time: event.currentTarget.value as Time })}
        >
          {Object.entries(TIMES).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="plain" onClick={onRead}>
        Read again
      </button>
    </search>
  </>
);
