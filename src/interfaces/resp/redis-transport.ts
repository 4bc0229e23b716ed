import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, Server as TlsServer } from 'node:tls';
import { ActiveWatches } from '../../application/changes/active-watches.js';
import { AuthorizeWatch } from '../../application/changes/authorize-watch.js';
import { InboundPipeline } from '../../application/inbound/inbound-pipeline.js';
import { SystemStatus } from '../../application/ports/system-status.js';
import { type ListenAddress, listen, unmapped, urlHost } from '../listen.js';
import { RedisCommands } from '../redis-commands/redis-commands.js';
import type { CertificateSource, Transport, TransportKind, TransportServices } from '../transport.js';
import type { Client, ServerContext } from './client/client.js';
import { Connection } from './connection.js';
import { RedisOptions } from './redis-options.js';

/** How long a silent connection is kept before the kernel asks whether its client is still there, in ms. */
const KEEP_ALIVE = 300_000;
/** How long commands may take to finish once the server stops, in ms. */
const GRACE = 3_000;
/** How long a TLS handshake may take, in ms. */
const HANDSHAKE_TIMEOUT = 10_000;
/** How many connections beyond the limit still get an error; further ones are dropped. */
const REFUSED_WITH_ERROR = 500;

/** The Redis protocol on one address. */
export class RedisTransport implements Transport {
  readonly name = 'redis';
  readonly #services: TransportServices;
  readonly #options: RedisOptions;
  readonly #certificate: CertificateSource | undefined;
  readonly #connections = new Set<Connection>();
  /** Of every client, also one that is refused. */
  readonly #sockets = new Set<Socket>();
  /** Those whose TLS handshake has not ended, by the client's address and port. */
  readonly #handshakes = new Map<string, Socket>();
  #isClosing = false;
  #server: Server | undefined;
  #stopWatching: () => void = () => undefined;
  #arrivals: NodeJS.Timeout | undefined;

  constructor(services: TransportServices, options: RedisOptions) {
    this.#services = services;
    this.#options = options;
    this.#certificate = options.tls && services.certificate(options.tls);
  }

  async listen(): Promise<string> {
    const { path, host, port: wanted } = this.#options;
    const where: ListenAddress = path ?? { host, port: wanted };
    const server = await this.#createServer();
    const port = await listen(server, where);
    this.#server = server;
    const context = this.#context(port);
    server.on('error', (error) => this.#services.log.warn({ err: error }, 'a Redis client could not be accepted'));
    server.on('connection', (socket: Socket) => {
      this.#count(socket);
      if (!(server instanceof TlsServer)) return this.#accept(socket, context);
      // After it is closed a socket does not know its peer any more.
      const peer = peerOf(socket);
      this.#handshakes.set(peer, socket);
      socket.on('close', () => this.#handshakes.delete(peer));
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#handshakes.delete(peerOf(socket));
      this.#accept(socket, context);
    });
    this.#arrivals = setInterval(() => this.#checkArrivals(), 1000).unref();
    const scheme = this.#certificate === undefined ? 'redis' : 'rediss';
    return path === undefined ? `${scheme}://${urlHost(host)}:${port}` : `unix:${path}`;
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#stopWatching();
    clearInterval(this.#arrivals);
    this.#services.resolve(ActiveWatches).close();
    const closed = new Promise<void>((done) => {
      if (this.#server === undefined) done();
      else this.#server.close(() => done());
    });
    for (const connection of this.#connections) connection.close();
    for (const socket of this.#handshakes.values()) socket.destroy();
    const timer = setTimeout(
      () => {
        for (const socket of this.#sockets) socket.destroy();
      },
      Math.max(graceMs, GRACE),
    );
    await closed;
    clearTimeout(timer);
  }

  async #createServer(): Promise<Server> {
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE };
    if (this.#certificate === undefined) return createServer(options);
    const certificate = await this.#certificate.read();
    const server = createTlsServer({ ...options, ...certificate, handshakeTimeout: HANDSHAKE_TIMEOUT });
    server.on('tlsClientError', (_, socket) => socket.destroy());
    this.#stopWatching = this.#certificate.watch((next) => server.setSecureContext(next), this.#services.log);
    return server;
  }

  #context(port: number): ServerContext {
    const { resolve } = this.#services;
    return {
      pipeline: resolve(InboundPipeline),
      commands: resolve(RedisCommands),
      authorizeWatch: resolve(AuthorizeWatch),
      watches: resolve(ActiveWatches),
      project: this.#options.project,
      version: resolve<SystemStatus>(SystemStatus).current().version,
      startedAt: Date.now(),
      port,
      clients: new Map<number, Client>(),
      maxClients: this.#options.max_connections,
      authenticationTimeout: this.#options.authentication_timeout,
    };
  }

  #checkArrivals(): void {
    for (const connection of this.#connections) connection.checkArrival(this.#options.request_timeout * 1000);
  }

  /** Counts every socket from the start, before its TLS handshake. */
  #count(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#sockets.size > this.#options.max_connections + REFUSED_WITH_ERROR) socket.destroy();
  }

  #accept(socket: Socket, context: ServerContext): void {
    if (this.#isClosing || socket.destroyed) {
      socket.destroy();
      return;
    }
    if (this.#connections.size >= this.#options.max_connections) {
      refuse(socket);
      return;
    }
    const connection = new Connection(socket, context, unmapped(socket.remoteAddress ?? ''));
    this.#connections.add(connection);
    context.clients.set(connection.client.id, connection.client);
    socket.on('close', () => {
      this.#connections.delete(connection);
      context.clients.delete(connection.client.id);
    });
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Sends the reason and closes, whatever the client has sent or sends. */
function refuse(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.resume().write('-ERR max number of clients reached\r\n');
  socket.destroySoon();
}

export const transport: TransportKind<RedisOptions> = {
  Options: RedisOptions,
  create: (services, options) => new RedisTransport(services, options),
};
