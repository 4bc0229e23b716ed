import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request: `cut-before` reaches no server, `cut-after` and `cut-body` do. */
export type Fault =
  | 'cut-before'
  | 'cut-after'
  | 'cut-body'
  | 'hang'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

/** A proxy with a path prefix, that spoils the requests for which it has faults. */
export class FaultyProxy {
  /** The faults of the next requests, in order; later ones pass. */
  faults: (Fault | undefined)[] = [];
  /** Method and path of every request, as it came. */
  readonly seen: string[] = [];
  readonly #server: Server;

  private constructor(private target: string) {
    this.#server = createServer(
      (request, response) => void this.#serve(request, response).catch(() => request.socket.destroy()),
    );
  }

  static async start(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** With a prefix, which the proxy removes. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/a/b/`;
  }

  set address(target: string) {
    this.target = target;
  }

  /** Breaks every open connection. */
  cutAll(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.seen.push(`${request.method} ${request.url}`);
    const fault = this.faults.shift();
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    if (fault === 'cut-before') return void request.socket.destroy();
    if (fault === 'hang') return;
    if (typeof fault === 'object') return void response.writeHead(fault.status, fault.headers).end(fault.body);
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers as Record<string, string>;
    const controller = new AbortController();
    response.on('close', () => controller.abort());
    const answer = await fetch(this.target + (request.url ?? '').slice('/a/b'.length), {
      method: request.method ?? 'GET',
      headers: { ...headers, 'accept-encoding': 'identity' },
      signal: controller.signal,
      ...(body.length === 0 ? {} : { body: Buffer.concat(body) as unknown as string }),
    });
    if (fault === 'cut-after') {
      await answer.arrayBuffer();
      return void request.socket.destroy();
    }
    const hop = /^(connection|keep-alive|transfer-encoding)$/;
    response.writeHead(answer.status, [...answer.headers].filter(([name]) => !hop.test(name)).flat());
    if (fault === 'cut-body') {
      response.write(Buffer.from(await answer.arrayBuffer()).subarray(0, 20), () => request.socket.destroy());
      return;
    }
    response.flushHeaders();
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  }
}
