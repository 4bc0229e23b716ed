import { connect, type Socket } from 'node:net';

/** One response as it came over the wire. */
export interface WireResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Thrown for bytes that are no HTTP response, and for a response that never came. */
export class InvalidResponse extends Error {}

const HEAD_END = Buffer.from('\r\n\r\n');

/** A TCP connection on which any bytes can be sent, and a strict parser of the responses. */
export class WireConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #reset = false;
  #changed: () => void = () => undefined;

  constructor(address: string) {
    this.#socket = connect({ port: Number(new URL(address).port), host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#changed();
    });
    const ended = () => {
      this.#ended = true;
      this.#changed();
    };
    this.#socket.on('end', ended).on('close', ended);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reset ||= error.code === 'ECONNRESET' || error.code === 'EPIPE';
      ended();
    });
  }

  /** Whether the server closed while it was being sent to. Responses that it had sent may be lost then. */
  get wasReset(): boolean {
    return this.#reset;
  }

  send(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Closes the sending side. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The next response other than 1xx; undefined if the server closes before it. Rejects with `InvalidResponse`. */
  async answer(method: string, ms: number): Promise<WireResponse | undefined> {
    const late = Date.now() + ms;
    for (;;) {
      const taken = take(this.#received, method, this.#ended);
      if (taken !== undefined) {
        this.#received = this.#received.subarray(taken.length);
        if (taken.answer.status >= 200) return taken.answer;
        continue;
      }
      if (this.#ended) {
        if (this.#received.length === 0) return undefined;
        throw new InvalidResponse(`cut off: ${shown(this.#received)}`);
      }
      if (Date.now() >= late) throw new InvalidResponse(`nothing more after ${ms} ms but ${shown(this.#received)}`);
      await this.#change(late - Date.now());
    }
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function take(bytes: Buffer, method: string, ended: boolean): { answer: WireResponse; length: number } | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) [ -~]*$/.exec(line)?.[1]);
  const headers = new Map(fields.map(fieldOf));
  if (Number.isNaN(status) || headers.size < fields.length - 1) throw new InvalidResponse(`no answer: ${shown(bytes)}`);
  const from = end + HEAD_END.length;
  const answer = (body: Buffer, length: number) => ({ answer: { status, headers, body }, length });
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return answer(Buffer.alloc(0), from);
  if (headers.get('content-type')?.startsWith('text/event-stream')) return answer(Buffer.alloc(0), bytes.length);
  if (headers.get('transfer-encoding') === 'chunked') {
    const found = unchunked(bytes, from);
    return found && answer(found.body, found.end);
  }
  if (!headers.has('content-length') && headers.get('connection') === 'close') {
    // To a request of HTTP/1.0: the body ends with the connection.
    return ended ? answer(bytes.subarray(from), bytes.length) : undefined;
  }
  const length = Number(/^\d+$/.exec(headers.get('content-length') ?? '')?.[0]);
  if (Number.isNaN(length)) throw new InvalidResponse(`an answer without a length: ${shown(bytes)}`);
  return from + length > bytes.length ? undefined : answer(bytes.subarray(from, from + length), from + length);
}

function fieldOf(field: string): [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t\x20-\x7e\x80-\xff]*)$/.exec(field);
  if (match === null) throw new InvalidResponse(`no header: ${JSON.stringify(field)}`);
  return [(match[1] as string).toLowerCase(), match[2] as string];
}

function unchunked(bytes: Buffer, from: number): { body: Buffer; end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const feed = bytes.indexOf('\r\n', at);
    if (feed < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, feed), 16);
    if (Number.isNaN(size)) throw new InvalidResponse(`no chunk: ${shown(bytes.subarray(at))}`);
    const end = feed + 2 + size;
    if (bytes.length < end + 2) return undefined;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n')
      throw new InvalidResponse(`a chunk that does not end: ${shown(bytes.subarray(at))}`);
    if (size === 0) return { body: Buffer.concat(chunks), end: end + 2 };
    chunks.push(bytes.subarray(feed + 2, end));
    at = end + 2;
  }
}

function shown(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return JSON.stringify(
    text.length <= 900 ? text : `${text.slice(0, 500)} …${text.length - 900} more… ${text.slice(-400)}`,
  );
}
