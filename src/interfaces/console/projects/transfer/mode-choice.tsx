import { useId } from 'preact/hooks';
import type { ImportMode } from './import-file.js';

const MODES = [
  { value: 'merge', title: 'Merge', text: 'Writes the entries of the file; all others stay.' },
  { value: 'replace', title: 'Replace', text: 'Afterwards there are only the entries of the file.' },
] as const;

export function ModeChoice(props: {
  readonly mode: ImportMode;
  readonly mayReplace: boolean;
  readonly isDisabled: boolean;
  readonly onChange: (mode: ImportMode) => void;
}) {
  const name = useId();
  return (
    <fieldset class="engine-cards">
      <legend class="legend">How</legend>
      {MODES.map(({ value, title, text }) => (
        <label key={value} class="engine-card">
          <input
            type="radio"
            name={name}
            checked={value === props.mode}
            disabled={props.isDisabled || (value === 'replace' && !props.mayReplace)}
            onChange={() => props.onChange(value)}
          />
          <strong>{title}</strong>
          <span class="hint">
            {text}
            {value === 'replace' && !props.mayReplace && ' Needs a key with the scope delete and without a prefix.'}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
