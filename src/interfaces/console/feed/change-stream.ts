import { type StreamEvent, streamHeaders, streamOf } from '../../client/http/event-stream.js';
import { ApiError, errorOf } from '../api/api-error.js';
import { apiRoot } from '../routing/addresses.js';

/** One stream of the changes of a project, until it ends or is silent for too long. Throws `ApiError` if refused. */
export function changeStream(
  project: string,
  { key, since, stop }: { readonly key: string; readonly since: string | undefined; readonly stop: AbortSignal },
): AsyncGenerator<StreamEvent, void> {
  const open = async (signal: AbortSignal) => {
    const response = await fetch(`${apiRoot}/api/v1/projects/${encodeURIComponent(project)}/changes`, {
      // A browser's EventSource could send no key.
      headers: { 'X-API-Key': key, ...streamHeaders(since) },
      cache: 'no-store',
      credentials: 'omit',
      signal,
    });
    if (!response.ok) throw errorOf(response, await response.json().catch(() => undefined));
    return response;
  };
  const noStream = () => new ApiError(0, 'console', 'A proxy before the server does not pass streams of events on.');
  return streamOf(open, { stop, noStream });
}
