import type { ComponentChildren } from 'preact';
import { toApiError } from '../api/api-error.js';
import { serverAddress } from '../routing/addresses.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

/** An error in the place of what could not be shown: the message of the server, its code, and the request's id. */
export function ErrorBox(props: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  readonly children?: ComponentChildren;
}) {
  const { code, message, requestId } = toApiError(props.error);
  return (
    <div class="error-box" role="alert">
      <Icon name="alert" />
      <div>
        <p class="message">{message}</p>
        {props.children}
        <p class="detail">
          <a href={`${serverAddress('docs/errors')}#${code}`} target="_blank" rel="noreferrer">
            {code}
          </a>
          {requestId !== undefined && (
            <>
              {' · request '}
              <code>{requestId}</code>
            </>
          )}
        </p>
        {props.onRetry !== undefined && (
          <Button icon="refresh" onClick={props.onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
