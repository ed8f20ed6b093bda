import type { LocalComet } from '../../answers.ts';

export const CometField = ({
  label,
  comets,
}: {
  readonly label: string;
  readonly comets: readonly LocalComet[];
}) => (
  <label>
    <span>{label}</span>
    <select name="comet">
      {comets.map(({ id }) => (
        <option key={id}>{id}</option>
      ))}
    </select>
  </label>
);
