import { Labelled, type LabelledProps } from '../components/labelled.js';

interface TextAreaProps extends LabelledProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly rows?: number;
  readonly isCode?: boolean;
  readonly placeholder?: string;
}

/** Several lines of text; code keeps its columns and is not spell-checked. */
export function TextArea({ value, onInput, rows = 3, isCode = false, placeholder, ...props }: TextAreaProps) {
  return (
    <Labelled {...props}>
      {(attributes) => (
        <textarea
          {...attributes}
          class={isCode ? 'code' : ''}
          rows={rows}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          autocapitalize="off"
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}
