import type { ListenerAnswer, LocalComet } from '../../answers.ts';
import { post } from '../api.ts';
import { CometField } from './comet-field.tsx';
import { textOf } from './form.ts';

const time = (ms: number): string => new Date(ms).toLocaleTimeString('en', { hour12: false });

const accepts = (text: string): number[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);

interface FormProps {
  readonly comets: readonly LocalComet[];
  readonly act: (work: Promise<unknown>) => void;
}

export const ListenForm = ({ comets, act }: FormProps) => (
  <form
    class="card"
    onSubmit={(event) => {
      event.preventDefault();
      const form = new FormData(event.currentTarget);
      const request = { comet: textOf(form, 'comet'), key: textOf(form, 'key'), room: textOf(form, 'room') };
      act(post('try/listen', { ...request, accepts: accepts(textOf(form, 'accepts')) }));
    }}
  >
    <h2>Listen</h2>
    <div class="fields">
      <CometField label="On comet" comets={comets} />
      <label>
        <span>In room</span>
        <input name="room" defaultValue="live://1000" />
      </label>
      <label>
        <span>As key</span>
        <input name="key" placeholder="any" />
      </label>
      <label>
        <span>Accepts operations</span>
        <input name="accepts" defaultValue="1000" pattern="[\d\s,]*" />
      </label>
    </div>
    <p class="actions">
      <button type="submit">Listen</button>
    </p>
  </form>
);

const Listener = ({
  listener,
  act,
}: {
  readonly listener: ListenerAnswer;
  readonly act: FormProps['act'];
}) => (
  <article class="card listener">
    <div class="card-head">
      <h3>
        {listener.key} <span class="tag">{listener.comet}</span>{' '}
        {listener.room !== '' && <span class="tag">{listener.room}</span>}
      </h3>
      <button type="button" class="plain small" onClick={() => act(post('try/leave', { id: listener.id }))}>
        Leave
      </button>
    </div>
    {listener.closed !== undefined && <p class="quiet">{listener.closed}</p>}
    {listener.messages.length === 0 && <p class="quiet">It listens; nothing has come yet.</p>}
    <ol class="messages" aria-live="polite">
      {listener.messages.toReversed().map(({ number, at, operation, text }) => (
        <li key={number}>
          <time class="quiet">{time(at)}</time> <span class="tag">op {operation}</span>{' '}
          <span class="mono">{text}</span>
        </li>
      ))}
    </ol>
  </article>
);

interface ListProps {
  readonly listeners: readonly ListenerAnswer[];
  readonly act: FormProps['act'];
}

export const ListenerList = ({ listeners, act }: ListProps) => (
  <>
    {listeners.map((listener) => (
      <Listener key={listener.id} listener={listener} act={act} />
    ))}
  </>
);
