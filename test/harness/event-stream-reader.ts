import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  /** The text of `data`. */
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every shape
  readonly data: any;
}

/** A client of an event stream, as the HTML standard defines it. */
export class EventStreamReader {
  readonly #events: ServerSentEvent[] = [];
  readonly #sent: ClientRequest;
  #text = '';
  #wake: () => void = () => undefined;
  #response: IncomingMessage | undefined;
  comments = 0;
  closed = false;

  private constructor(url: string, headers: Record<string, string>) {
    this.#sent = request(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false });
    this.#sent.on('error', () => this.#end());
  }

  /** Resolves when the headers of the response are there, which may be an error. */
  static async open(url: string, key: string | undefined, since?: string): Promise<EventStreamReader> {
    const headers = {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(since === undefined ? {} : { 'last-event-id': since }),
    };
    const reader = new EventStreamReader(url, headers);
    await new Promise<void>((resolve, reject) => {
      reader.#sent.once('error', reject);
      reader.#sent.once('response', (response) => {
        reader.#listen(response);
        resolve();
      });
      reader.#sent.end();
    });
    return reader;
  }

  get status(): number {
    return this.#response?.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.#response?.headers ?? {};
  }

  /** The next event; undefined at the end of the stream. Rejects if none comes for `timeout` ms, so as not to hang. */
  async next(timeout = 30_000): Promise<ServerSentEvent | undefined> {
    const end = performance.now() + timeout;
    while (this.#events.length === 0 && !this.closed) {
      if (performance.now() > end) throw new Error(`no event within ${timeout} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, end - performance.now() + 1));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#events.shift();
  }

  /** The next events, up to and including the first of that name. */
  async until(event: string): Promise<ServerSentEvent[]> {
    const events: ServerSentEvent[] = [];
    for (;;) {
      const next = await this.next();
      if (next === undefined) throw new Error(`the stream ended before ${event}`);
      events.push(next);
      if (next.event === event) return events;
    }
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  close(): void {
    this.#sent.destroy();
    this.#end();
  }

  #listen(response: IncomingMessage): void {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      this.#text += text;
      const parts = this.#text.split('\n\n');
      this.#text = parts.pop() ?? '';
      for (const part of parts) this.#take(part);
      this.#wake();
    });
    response.on('error', () => this.#end());
    response.on('close', () => this.#end());
  }

  #take(part: string): void {
    const lines = part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
    const field = (name: string) => lines.filter(([found]) => found === name).map(([, value]) => value?.slice(1));
    this.comments += lines.filter(([name]) => name === '').length;
    const id = field('id')[0];
    const data = field('data');
    if (data.length === 0) return;
    const text = data.join('\n');
    this.#events.push({ event: field('event')[0] ?? '', id: id ?? '', text, data: JSON.parse(text) });
  }

  #end(): void {
    this.closed = true;
    this.#wake();
  }
}
