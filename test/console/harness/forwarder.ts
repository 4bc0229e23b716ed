import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from '../../../src/interfaces/listen.js';

/** An address that stays, in front of a server that is started again at another port; also breaks connections. */
export class Forwarder {
  readonly #sockets = new Set<Socket>();
  #port: number | undefined;

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async start(to: string): Promise<Forwarder> {
    const server = createServer((socket) => forwarder.#accept(socket));
    const port = await listen(server, { host: '127.0.0.1', port: 0 });
    const forwarder = new Forwarder(server, `http://127.0.0.1:${port}`);
    forwarder.forwardTo(to);
    return forwarder;
  }

  forwardTo(address: string): void {
    this.#port = Number(new URL(address).port);
  }

  /** Breaks every connection, and those that come until `forwardTo`. */
  interrupt(): void {
    this.#port = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.interrupt();
    await new Promise((done) => this.server.close(done));
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#port === undefined) {
      socket.destroy();
      return;
    }
    const onward = connect(this.#port, '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
