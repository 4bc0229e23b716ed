/** An event of a stream of server-sent events. `data` is undefined for an id without an event, as heartbeats have. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** The server sends something every 15 seconds; a connection that is silent for longer than this is dead, in ms. */
const SILENCE = 45_000;

/** The headers that ask for the events after one that was read, or for those from now on. */
export function streamHeaders(since: string | undefined): Readonly<Record<string, string>> {
  return { Accept: 'text/event-stream', ...(since === undefined ? {} : { 'Last-Event-ID': since }) };
}

/**
 * The events of a response, until it ends, is silent for too long, or `stop` is aborted. `open` resolves with the
 * response; `noStream` makes the error for one that is no stream of events.
 */
export async function* streamOf(
  open: (signal: AbortSignal) => Promise<Response>,
  { stop, noStream }: { readonly stop: AbortSignal; readonly noStream: () => Error },
): AsyncGenerator<StreamEvent, void> {
  const controller = new AbortController();
  const end = () => controller.abort();
  stop.addEventListener('abort', end);
  let timer = setTimeout(end, SILENCE);
  try {
    const { headers, body } = await open(controller.signal);
    if (!headers.get('content-type')?.startsWith('text/event-stream') || body === null) throw noStream();
    yield* eventsOf(body, () => {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE);
    });
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
    controller.abort();
  }
}

/** The events of a stream, by the rules of the HTML standard. `onBytes` is called for all that arrives. */
async function* eventsOf(stream: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<StreamEvent, void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) yield eventOf(block);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function eventOf(block: string): StreamEvent {
  const fields = block.split('\n').map((line) => /^([^:]*):? ?(.*)$/s.exec(line) as RegExpExecArray);
  const of = (name: string) => fields.filter(([, field]) => field === name).map(([, , value]) => value as string);
  const data = of('data');
  return { event: of('event')[0] ?? 'message', id: of('id')[0], data: data.length === 0 ? undefined : data.join('\n') };
}
