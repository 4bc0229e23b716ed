import { createServer, request, type Server } from 'node:http';
import { listen } from '../../../src/interfaces/listen.js';

/** A proxy that serves a server below a path, and takes that path away before it asks the server. */
export class PrefixProxy {
  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async start(to: string, prefix: string): Promise<PrefixProxy> {
    const server = createServer((incoming, outgoing) => {
      const { method, url = '/', headers } = incoming;
      if (!url.startsWith(`${prefix}/`)) {
        outgoing.writeHead(404).end('This is no path of the proxy');
        return;
      }
      const onward = request(to + url.slice(prefix.length), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      incoming.pipe(onward);
    });
    const port = await listen(server, { host: '127.0.0.1', port: 0 });
    return new PrefixProxy(server, `http://127.0.0.1:${port}${prefix}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
