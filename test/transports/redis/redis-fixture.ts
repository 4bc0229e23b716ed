import { expect } from 'chai';
import { RedisConnection, type RedisReply } from '../../harness/redis-connection.js';
import { LinesServer } from '../lines-server.js';

const PROJECTS = '/api/v1/projects';

/** A server with the Redis protocol and a project `p`; connections end with the test that opened them. */
export class RedisFixture {
  readonly #open: RedisConnection[] = [];

  private constructor(
    readonly server: LinesServer,
    /** Of the project `p`. */
    readonly key: string,
  ) {}

  /** Options are those of the transport. */
  static async start(options: object = {}): Promise<RedisFixture> {
    const server = await LinesServer.start({ kind: 'redis', port: 0, ...options });
    const body = JSON.stringify({ id: 'p', storage: { engine: 'memory' } });
    const { json } = await server.rest('POST', PROJECTS, server.systemKey, { body });
    return new RedisFixture(server, json.data.new_api_key);
  }

  get port(): number {
    return portOf(this.server);
  }

  /** A connection; as this project and key if they are given. */
  async client(name?: string, secret?: string): Promise<RedisConnection> {
    const connection = await RedisConnection.open({ port: this.port });
    this.#open.push(connection);
    if (name !== undefined) expect(await connection.send(['AUTH', name, secret ?? ''])).to.equal('+OK');
    return connection;
  }

  closeClients(): void {
    for (const connection of this.#open.splice(0)) connection.close();
  }

  stop(): Promise<void> {
    this.closeClients();
    return this.server.stop();
  }
}

export function portOf(server: LinesServer): number {
  return Number(new URL(server.running.others[0] ?? '').port);
}

/** A reply with texts instead of bytes. */
export function texts(reply: RedisReply | undefined): unknown {
  if (Array.isArray(reply)) return reply.map(texts);
  return Buffer.isBuffer(reply) ? reply.toString() : reply;
}
