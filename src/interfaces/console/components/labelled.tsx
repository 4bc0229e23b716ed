import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** What every field of a form has. */
export interface LabelledProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with its value; it is shown in place of the hint. */
  readonly problem?: string | undefined;
}

interface ControlAttributes {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
}

/** A control with its label above it and its hint below, both also for screen readers. */
export function Labelled(
  props: LabelledProps & { readonly children: (attributes: ControlAttributes) => ComponentChildren },
) {
  const { label, hint, problem, children } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-invalid': problem !== undefined, 'aria-describedby': `${id}-note` })}
      <p id={`${id}-note`} class={problem === undefined ? 'hint' : 'problem'}>
        {problem ?? hint}
      </p>
    </div>
  );
}
