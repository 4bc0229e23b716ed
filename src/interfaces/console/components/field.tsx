import type { ComponentChildren } from 'preact';
import { Labelled, type LabelledProps } from './labelled.js';

interface FieldProps extends LabelledProps {
  readonly type?: 'text' | 'password' | 'search' | 'datetime-local';
  readonly placeholder?: string;
  readonly autocomplete?: 'off';
  readonly autofocus?: boolean;
  readonly isDisabled?: boolean;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** A text field. */
export function Field(props: FieldProps) {
  const { label, hint, problem, onInput, type = 'text', isDisabled, ...input } = props;
  return (
    <Labelled label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <input
          {...input}
          {...attributes}
          type={type as 'text'}
          disabled={isDisabled}
          spellcheck={false}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Labelled>
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
