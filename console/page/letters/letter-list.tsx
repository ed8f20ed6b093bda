import type { Signal } from '@preact/signals';
import type { LetterAnswer } from '../../answers.ts';
import { VirtualList } from '../virtual-list.tsx';
import { LetterRow } from './letter-row.tsx';

const ROW_PX = 44;

const withOne = (ids: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> => {
  const next = new Set(ids);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
};

interface ListProps {
  readonly shown: readonly LetterAnswer[];
  readonly now: number;
  /** Absent: nothing may be changed. */
  readonly selected: Signal<ReadonlySet<string>> | undefined;
  readonly onShow: (id: string) => void;
}

export const LetterList = ({ shown, now, selected, onShow }: ListProps) => (
  <VirtualList
    label="Letters"
    items={shown}
    rowPx={ROW_PX}
    keyOf={({ id }) => id}
    render={(letter) => (
      <LetterRow
        letter={letter}
        now={now}
        isSelected={selected?.value.has(letter.id) ?? false}
        onSelect={
          selected &&
          ((isSelected) => {
            selected.value = withOne(selected.value, letter.id, isSelected);
          })
        }
        onShow={() => onShow(letter.id)}
      />
    )}
  />
);
