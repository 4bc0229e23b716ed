/** An event of a stream of server-sent events. `data` is undefined for an id without an event, as heartbeats have. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** The events of a stream, by the rules of the HTML standard. `onBytes` is called for all that arrives. */
export async function* eventsOf(
  stream: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<StreamEvent, void> {
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
