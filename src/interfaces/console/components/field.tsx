import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly type?: 'text' | 'password' | 'search' | 'datetime-local';
  readonly placeholder?: string;
  readonly autocomplete?: 'off';
  readonly autofocus?: boolean;
  readonly isDisabled?: boolean;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
}

/** A text field with its label, a hint, and what is wrong with its value. */
export function Field(props: FieldProps) {
  const { label, value, onInput, hint, problem, type = 'text', isDisabled, ...input } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...input}
        type={type as 'text'}
        disabled={isDisabled}
        spellcheck={false}
        id={id}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-note`}
      />
      <p id={`${id}-note`} class={problem === undefined ? 'hint' : 'problem'}>
        {problem ?? hint}
      </p>
    </div>
  );
}

export function Checkbox(props: {
  readonly label: ComponentChildren;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}) {
  return (
    <label class="checkbox">
      <input
        type="checkbox"
        checked={props.isChecked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}
