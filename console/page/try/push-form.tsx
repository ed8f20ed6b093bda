import { type Signal, useSignal } from '@preact/signals';
import type { LocalComet } from '../../answers.ts';
import { post } from '../api.ts';
import { CometField } from './comet-field.tsx';
import { textOf } from './form.ts';

const TARGETS = { room: 'A room', push: 'Keys on a comet', all: 'Everyone' } as const;
type TargetType = keyof typeof TARGETS;

const targetOf = (type: TargetType, form: FormData): object => {
  switch (type) {
    case 'room':
      return { type, room: textOf(form, 'room') };
    case 'push':
      return { type, comet: textOf(form, 'comet'), keys: textOf(form, 'keys').split(/[\s,]+/) };
    case 'all':
      return { type, speed: 0 };
  }
};

const TargetFields = ({
  type,
  comets,
}: {
  readonly type: TargetType;
  readonly comets: readonly LocalComet[];
}) => {
  switch (type) {
    case 'room':
      return (
        <label>
          <span>Room</span>
          <input name="room" required defaultValue="live://1000" />
        </label>
      );
    case 'push':
      return (
        <>
          <CometField label="Comet" comets={comets} />
          <label>
            <span>Keys</span>
            <input name="keys" required placeholder="key-1, key-2" />
          </label>
        </>
      );
    case 'all':
      return null;
  }
};

const Target = ({ type }: { readonly type: Signal<TargetType> }) => (
  <label>
    <span>To</span>
    <select
      value={type.value}
      onChange={(event) => {
        type.value = event.currentTarget.value as TargetType;
      }}
    >
      {Object.entries(TARGETS).map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  </label>
);

interface Props {
  readonly comets: readonly LocalComet[];
  readonly act: (work: Promise<unknown>) => void;
}

const push = (type: TargetType, form: FormData): Promise<unknown> =>
  post('try/push', {
    target: targetOf(type, form),
    operation: Number(textOf(form, 'operation')),
    body: textOf(form, 'body'),
    format: textOf(form, 'format'),
  });

export const PushForm = ({ comets, act }: Props) => {
  const type = useSignal<TargetType>('room');
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        act(push(type.value, new FormData(event.currentTarget)));
      }}
    >
      <h2>Push</h2>
      <div class="fields">
        <Target type={type} />
        <TargetFields type={type.value} comets={comets} />
        <label>
          <span>Operation</span>
          <input name="operation" type="number" defaultValue="1000" />
        </label>
        <label>
          <span>As goim writes it</span>
          <select name="format">
            <option value="v2">v2, protobuf</option>
            <option value="v1">v1, JSON</option>
          </select>
        </label>
        <label class="wide">
          <span>Body</span>
          <textarea name="body" rows={2} defaultValue={'{"hello":"goim"}'} />
        </label>
      </div>
      <p class="actions">
        <button type="submit">Push</button>
      </p>
    </form>
  );
};
