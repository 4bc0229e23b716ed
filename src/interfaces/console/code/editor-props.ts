import type { Diagnostic } from '@codemirror/lint';

export interface EditorProps {
  readonly text: string;
  readonly language: 'json' | 'text';
  readonly label: string;
  readonly isReadOnly?: boolean;
  readonly hasFocus?: boolean;
  readonly onChange?: (text: string) => void;
  readonly onSave?: () => void;
  /** What is wrong with a text, shown at its place. */
  readonly check?: (text: string) => Promise<readonly Diagnostic[]>;
  /** Shows what differs from this text. */
  readonly original?: string;
}
