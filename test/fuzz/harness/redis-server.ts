import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { freePort } from '../../harness/free-port.js';

/** A reply of a Redis server: an error is a text that begins with `-`, a simple string one that begins with `+`. */
export type RedisReply = string | number | bigint | Buffer | null | readonly RedisReply[];

/** A real redis-server that keeps nothing, and one connection to it. */
export class RedisServer {
  #received = Buffer.alloc(0);

  private constructor(
    private readonly server: ChildProcess,
    private readonly socket: Socket,
  ) {}

  static async start(): Promise<RedisServer> {
    const port = await freePort();
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const server = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
    await Promise.race([listening(server), once(server, 'error').then(([error]) => Promise.reject(error))]);
    server.stdout?.resume();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RedisServer(server, socket);
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    const exited = once(this.server, 'exit');
    this.server.kill();
    await exited;
  }

  /** Sends a command and waits for its reply. */
  async send(args: readonly Buffer[]): Promise<RedisReply> {
    const parts = args.flatMap((arg) => [Buffer.from(`$${arg.length}\r\n`), arg, Buffer.from('\r\n')]);
    this.socket.write(Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]));
    return this.#reply();
  }

  async #reply(): Promise<RedisReply> {
    const line = await this.#line();
    const rest = line.slice(1);
    if (line[0] === ':') return BigInt(rest);
    if (line[0] === '*') {
      const items: RedisReply[] = [];
      for (let i = 0; i < Number(rest); i++) items.push(await this.#reply());
      return items;
    }
    if (line[0] !== '$') return line;
    if (rest === '-1') return null;
    const bytes = await this.#take(Number(rest) + 2);
    return bytes.subarray(0, -2);
  }

  async #line(): Promise<string> {
    let end = this.#received.indexOf('\r\n');
    for (; end < 0; end = this.#received.indexOf('\r\n')) await this.#more();
    return (await this.#take(end + 2)).toString('utf8', 0, end);
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#received.length < length) await this.#more();
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  async #more(): Promise<void> {
    const [chunk] = (await once(this.socket, 'data')) as [Buffer];
    this.#received = Buffer.concat([this.#received, chunk]);
  }
}

async function listening(server: ChildProcess): Promise<void> {
  for await (const chunk of server.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    if (String(chunk).includes('Ready to accept connections')) return;
  }
  throw new Error('redis-server ended before it was ready');
}
