import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WholeLetterAnswer } from '../../answers.ts';
import { get, isProblem } from '../api.ts';
import { Dialog } from '../dialog.tsx';
import { dateTime } from '../format.ts';
import { contentAs, VIEWS, type View } from './content.ts';

const Facts = ({ letter }: { readonly letter: WholeLetterAnswer }) => (
  <p class="quiet">
    {letter.reason}
    {letter.comet !== undefined && ` · ${letter.comet}`} · died {dateTime(letter.diedAt)} · kept until{' '}
    {dateTime(letter.expiresAt * 1000)}
    {letter.detail !== undefined && ` · ${letter.detail}`}
  </p>
);

const Views = ({ view, onView }: { readonly view: View; readonly onView: (view: View) => void }) => (
  <fieldset class="segments">
    <legend class="unseen">Show the body as</legend>
    {Object.entries(VIEWS).map(([value, name]) => (
      <label key={value}>
        <input
          type="radio"
          name="view"
          value={value}
          checked={view === value}
          onChange={() => onView(value as View)}
        />
        {name}
      </label>
    ))}
  </fieldset>
);

/** One letter with all that is in it: it is read only now. */
export const LetterDialog = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }) => {
  const letter = useSignal<WholeLetterAnswer | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const view = useSignal<View>('text');
  useEffect(() => {
    void get<WholeLetterAnswer>(`letters/one?id=${encodeURIComponent(id)}`).then((got) => {
      if (isProblem(got)) problem.value = got.problem;
      else letter.value = got;
    });
  }, [id]);
  return (
    <Dialog title={id} onClose={onClose}>
      {problem.value !== undefined && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      {letter.value !== undefined && (
        <>
          <Facts letter={letter.value} />
          <Views
            view={view.value}
            onView={(next) => {
              view.value = next;
            }}
          />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
          <pre tabIndex={0}>{contentAs(view.value, letter.value)}</pre>
        </>
      )}
    </Dialog>
  );
};
