import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** Several lines of text; code keeps its columns and is not spell-checked. */
export function TextArea(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly rows?: number;
  readonly isCode?: boolean;
  readonly placeholder?: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
}) {
  const id = useId();
  const { label, value, onInput, rows = 3, isCode = false, placeholder, hint, problem } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class={isCode ? 'code' : ''}
        rows={rows}
        value={value}
        placeholder={placeholder}
        spellcheck={false}
        autocapitalize="off"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-note`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p id={`${id}-note`} class={problem === undefined ? 'hint' : 'problem'}>
        {problem ?? hint}
      </p>
    </div>
  );
}
