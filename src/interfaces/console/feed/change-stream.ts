import { eventsOf, type StreamEvent } from '../../client/http/event-stream.js';
import { ApiError, errorOf } from '../api/api-error.js';
import { apiRoot } from '../routing/addresses.js';

/** The server sends something every 15 seconds; a connection that is silent for longer than this is dead, in ms. */
const SILENCE = 45_000;

/** One stream of the changes of a project, until it ends or is silent for too long. Throws `ApiError` if refused. */
export async function* changeStream(
  project: string,
  { key, since, stop }: { readonly key: string; readonly since: string | undefined; readonly stop: AbortSignal },
): AsyncGenerator<StreamEvent, void> {
  const controller = new AbortController();
  const end = () => controller.abort();
  stop.addEventListener('abort', end);
  let timer = setTimeout(end, SILENCE);
  try {
    const response = await fetch(`${apiRoot}/api/v1/projects/${encodeURIComponent(project)}/changes`, {
      // A browser's EventSource could send no key.
      headers: {
        'X-API-Key': key,
        Accept: 'text/event-stream',
        ...(since === undefined ? {} : { 'Last-Event-ID': since }),
      },
      cache: 'no-store',
      credentials: 'omit',
      signal: controller.signal,
    });
    if (!response.ok) throw errorOf(response, await response.json().catch(() => undefined));
    if (!response.headers.get('content-type')?.startsWith('text/event-stream') || response.body === null) {
      throw new ApiError(0, 'console', 'A proxy before the server does not pass streams of events on.');
    }
    yield* eventsOf(response.body, () => {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE);
    });
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
    controller.abort();
  }
}
