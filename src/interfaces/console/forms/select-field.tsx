import { Labelled, type LabelledProps } from '../components/labelled.js';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface SelectFieldProps extends LabelledProps {
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ value, choices, onChange, ...props }: SelectFieldProps) {
  return (
    <Labelled {...props}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
