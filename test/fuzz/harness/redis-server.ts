import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../harness/free-port.js';
import { RedisConnection } from '../../harness/redis-connection.js';

/** A real redis-server that keeps nothing, and one connection to it. */
export class RedisServer {
  private constructor(
    private readonly server: ChildProcess,
    readonly connection: RedisConnection,
  ) {}

  static async start(): Promise<RedisServer> {
    const port = await freePort();
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const server = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
    await Promise.race([listening(server), once(server, 'error').then(([error]) => Promise.reject(error))]);
    server.stdout?.resume();
    return new RedisServer(server, await RedisConnection.open({ port, host: '127.0.0.1' }));
  }

  async stop(): Promise<void> {
    this.connection.close();
    const exited = once(this.server, 'exit');
    this.server.kill();
    await exited;
  }
}

async function listening(server: ChildProcess): Promise<void> {
  for await (const chunk of server.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    if (String(chunk).includes('Ready to accept connections')) return;
  }
  throw new Error('redis-server ended before it was ready');
}
