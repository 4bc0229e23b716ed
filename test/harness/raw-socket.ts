import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A TCP connection on which any bytes can be sent. */
export class RawSocket {
  #received = Buffer.alloc(0);
  #closed = false;
  readonly #socket: Socket;
  #changed: () => void = () => undefined;

  constructor(address: string) {
    this.#socket = connect({ port: Number(new URL(address).port), host: '127.0.0.1' });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed();
    });
    this.#socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      this.#socket.on(event, () => {
        this.#closed = true;
        this.#changed();
      });
    }
  }

  send(data: string | Buffer): this {
    this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
    return this;
  }

  /** Resolves when the kernel of the server has the connection, accepted or not. */
  async connected(): Promise<void> {
    if (this.#socket.connecting) await once(this.#socket, 'connect');
  }

  /** Ends the sending side. */
  end(): this {
    this.#socket.end();
    return this;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * The next response; undefined if the server closes without one, or sends none for `ms`, which guards against
   * hanging. A response `toHead` has no body.
   */
  async answer(ms = 10_000, toHead = false): Promise<RawResponse | undefined> {
    let taken: { answer: RawResponse; length: number } | undefined;
    await this.#until(ms, () => {
      taken = parse(this.#received, toHead, this.#closed);
      return taken !== undefined || this.#closed;
    });
    if (taken === undefined) return undefined;
    this.#received = this.#received.subarray(taken.length);
    return taken.answer;
  }

  /** Whether the server closes within `ms`. */
  async closed(ms = 10_000): Promise<boolean> {
    await this.#until(ms, () => this.#closed);
    return this.#closed;
  }

  #until(ms: number, done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#changed = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#changed = () => {
        if (done()) finish();
      };
      this.#changed();
    });
  }
}

function parse(bytes: Buffer, toHead: boolean, ended: boolean): { answer: RawResponse; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.subarray(0, end).toString('latin1');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const announced = /^content-length: (\d+)$/im.exec(head)?.[1];
  const bodiless = toHead || status < 200 || status === 204 || status === 304;
  if (!bodiless && announced === undefined && !ended) return undefined;
  const from = end + 4;
  const until = bodiless ? from : announced === undefined ? bytes.length : from + Number(announced);
  if (until > bytes.length) return undefined;
  return { answer: { status, head, body: bytes.subarray(from, until).toString() }, length: until };
}
