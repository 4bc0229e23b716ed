import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server on loopback, and can take the network away. */
export class TcpProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isCut = false;

  private constructor(
    readonly port: number,
    private target: number,
    private readonly stop: () => void,
  ) {}

  static async to(target: number): Promise<TcpProxy> {
    const server = createServer((client) => proxy.#join(client)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy((server.address() as AddressInfo).port, target, () => server.close());
    return proxy;
  }

  /** From now on no byte passes, in either direction; no connection ends, and new ones are silent. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** What was under way arrives now. */
  heal(): void {
    this.#isCut = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Leads to another server from now on; connections to the former one end. */
  retarget(target: number): void {
    this.target = target;
    this.#end();
  }

  close(): void {
    this.stop();
    this.#end();
  }

  #join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      from.on('data', (data) => to.write(data));
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#isCut) from.pause();
    }
  }

  #end(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }
}
