import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** A reply in version 2 of the protocol: an error is a text that begins with `-`, a simple string one with `+`. */
export type RedisReply = string | number | bigint | Buffer | null | readonly RedisReply[];

/** One connection to a server that speaks the Redis protocol. */
export class RedisConnection {
  #received = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async open(where: NetConnectOpts): Promise<RedisConnection> {
    const socket = connect(where);
    await once(socket, 'connect');
    return new RedisConnection(socket);
  }

  /** For a socket that is connected. */
  static on(socket: Socket): RedisConnection {
    return new RedisConnection(socket);
  }

  /** Sends a command and waits for its reply. */
  send(args: readonly (Buffer | string)[]): Promise<RedisReply> {
    this.write(args);
    return this.reply();
  }

  /** Sends commands at once and waits for their replies. */
  async sendAll(commands: readonly (readonly (Buffer | string)[])[]): Promise<readonly RedisReply[]> {
    this.socket.write(Buffer.concat(commands.map(encode)));
    const replies: RedisReply[] = [];
    for (const _ of commands) replies.push(await this.reply());
    return replies;
  }

  write(args: readonly (Buffer | string)[]): void {
    this.socket.write(encode(args));
  }

  close(): void {
    this.socket.destroy();
  }

  /** Rejects if the server closes before it. */
  async reply(): Promise<RedisReply> {
    const line = await this.#line();
    const rest = line.slice(1);
    if (line[0] === ':') return BigInt(rest);
    if (line[0] === '*') {
      if (rest === '-1') return null;
      const items: RedisReply[] = [];
      for (let i = 0; i < Number(rest); i++) items.push(await this.reply());
      return items;
    }
    if (line[0] !== '$') return line;
    if (rest === '-1') return null;
    const bytes = await this.#take(Number(rest) + 2);
    return bytes.subarray(0, -2);
  }

  /** Resolves when the server has closed. */
  async closed(): Promise<void> {
    while (!this.#ended) await this.#more();
  }

  async #line(): Promise<string> {
    let end = this.#received.indexOf('\r\n');
    for (; end < 0; end = this.#received.indexOf('\r\n')) await this.#moreOrFail();
    return (await this.#take(end + 2)).toString('utf8', 0, end);
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#received.length < length) await this.#moreOrFail();
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  async #moreOrFail(): Promise<void> {
    if (this.#ended) throw new Error('the server closed the connection');
    await this.#more();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** A command as it is sent. */
export function encode(args: readonly (Buffer | string)[]): Buffer {
  const parts = args.map((arg) => Buffer.from(arg as Buffer)).flatMap((arg) => [lengthLine(arg), arg, LINE_END]);
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}

const LINE_END = Buffer.from('\r\n');

function lengthLine(arg: Buffer): Buffer {
  return Buffer.from(`$${arg.length}\r\n`);
}
