import type { ComponentChildren } from 'preact';
import { toApiError } from '../api/api-error.js';
import { ErrorBox } from '../components/error-box.js';
import { adviceFor } from './advice.js';

/** What went wrong, and what to do about it. Nothing if nothing went wrong. */
export function Failure(props: {
  readonly error: unknown;
  /** Says that what was entered was not lost. */
  readonly isForm?: boolean;
  readonly onRetry?: (() => void) | undefined;
  readonly children?: ComponentChildren;
}) {
  if (props.error === undefined) return null;
  const advice = adviceFor(toApiError(props.error));
  return (
    <ErrorBox error={props.error} onRetry={props.onRetry}>
      {advice !== undefined && <p>{advice}</p>}
      {props.isForm === true && <p>What you entered is still here.</p>}
      {props.children}
    </ErrorBox>
  );
}
