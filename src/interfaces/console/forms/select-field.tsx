import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function SelectField(props: {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
}) {
  const id = useId();
  const { label, value, choices, onChange, hint, problem } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <p id={`${id}-note`} class={problem === undefined ? 'hint' : 'problem'}>
        {problem ?? hint}
      </p>
    </div>
  );
}
