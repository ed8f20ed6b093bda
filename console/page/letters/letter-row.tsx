import type { LetterAnswer } from '../../answers.ts';
import { duration } from '../format.ts';

interface Props {
  readonly letter: LetterAnswer;
  readonly now: number;
  /** Absent: nothing may be changed. */
  readonly onSelect?: ((isSelected: boolean) => void) | undefined;
  readonly isSelected: boolean;
  readonly onShow: () => void;
}

export const LetterRow = ({ letter, now, onSelect, isSelected, onShow }: Props) => {
  const { id, reason, comet, topic, partition, offset, diedAt, bytes } = letter;
  return (
    <div class="row letter">
      {onSelect !== undefined && (
        <input
          type="checkbox"
          aria-label={`Select ${id}`}
          checked={isSelected}
          onChange={(event) => onSelect(event.currentTarget.checked)}
        />
      )}
      <strong>{reason}</strong>
      <span class="mono where">{`${topic}/${partition}/${offset}`}</span>
      <span class="comet">{comet ?? 'no comet'}</span>
      <span class="quiet age">{duration(now - diedAt)} ago</span>
      <span class="quiet size">{bytes === undefined ? 'size unknown' : `${bytes} B`}</span>
      <button type="button" class="plain small" onClick={onShow} aria-label={`Show ${id}`}>
        Show
      </button>
    </div>
  );
};
