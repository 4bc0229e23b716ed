import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** In which direction bytes are sent. */
export type Direction = 'to server' | 'to client';

const BOTH: readonly Direction[] = ['to server', 'to client'];
/** For connections without a name of their own. */
const ALL = '';

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  /** Of the client, if its first bytes have one. */
  name: string;
}

/** Stands between a client and a server on loopback, and can take the network away, also in one direction only. */
export class TcpProxy {
  readonly #connections = new Set<Connection>();
  /** The directions that are cut, for clients with a name or for all. */
  readonly #cuts = new Map<string, readonly Direction[]>();

  private constructor(
    readonly port: number,
    private target: number,
    private readonly naming: RegExp | undefined,
    private readonly stop: () => void,
  ) {}

  /** `naming` finds the name of a client in the first bytes that it sends. */
  static async to(target: number, naming?: RegExp): Promise<TcpProxy> {
    const server = createServer((client) => proxy.#join(client)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy((server.address() as AddressInfo).port, target, naming, () => server.close());
    return proxy;
  }

  /**
   * From now on no byte passes in these directions, of the clients with that name or of all; no connection ends, and
   * new ones are silent.
   */
  cut(directions: readonly Direction[] = BOTH, name = ALL): void {
    this.#cuts.set(name, [...(this.#cuts.get(name) ?? []), ...directions]);
    for (const connection of this.#connections) this.#apply(connection);
  }

  /** What was under way arrives now. */
  heal(): void {
    this.#cuts.clear();
    for (const connection of this.#connections) this.#apply(connection);
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
    const connection = { client, server: connect(this.target, '127.0.0.1'), name: ALL };
    const { server } = connection;
    this.#connections.add(connection);
    client.once('data', (first) => {
      connection.name = this.naming?.exec(first.toString('latin1'))?.[1] ?? ALL;
      this.#apply(connection);
    });
    for (const [from, to, direction] of [
      [client, server, 'to server'],
      [server, client, 'to client'],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (data) => {
        // The name was in these bytes.
        if (this.#isCut(connection, direction)) from.unshift(data);
        else to.write(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#connections.delete(connection);
      });
    }
    this.#apply(connection);
  }

  #apply(connection: Connection): void {
    const { client, server } = connection;
    for (const [from, direction] of [
      [client, 'to server'],
      [server, 'to client'],
    ] as const) {
      if (this.#isCut(connection, direction)) from.pause();
      else from.resume();
    }
  }

  #isCut({ name }: Connection, direction: Direction): boolean {
    return [ALL, name].some((it) => this.#cuts.get(it)?.includes(direction));
  }

  #end(): void {
    for (const { client, server } of this.#connections) {
      client.destroy();
      server.destroy();
    }
  }
}
