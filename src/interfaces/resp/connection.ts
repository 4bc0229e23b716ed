import type { Socket } from 'node:net';
import { atEndOfTurn } from '../at-end-of-turn.js';
import { isTooSlow } from '../minimum-rate.js';
import type { Reply } from '../redis-commands/reply.js';
import { Client, type ServerContext } from './client/client.js';
import { canShareCommit, execute, executeTogether } from './command-dispatcher.js';
import { commandNames, type Request, requestOf } from './command-table.js';
import { LIMITS, LIMITS_BEFORE_AUTHENTICATION } from './limits.js';
import { ProtocolError } from './protocol/protocol-error.js';
import { RequestParser } from './protocol/request-parser.js';

/** So many bytes of replies are sent before the end of a turn of the event loop. */
const FLUSH_BYTES = 64 * 1024;
/**
 * A client for which so many bytes wait gets no notifications any more: it is disconnected. Replies wait by themselves,
 * since no command runs before they are read.
 */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;
/** How long a client may take to read the last replies, in ms. */
const LAST_READ_TIMEOUT = 10_000;
/** The most commands that share a commit, and the most bytes of their arguments. */
const MAX_TOGETHER = 128;
const MAX_TOGETHER_BYTES = 1024 * 1024;

/**
 * One connection: reads commands, runs them in their order, and writes replies in that order. While a command waits for
 * its store, or the client does not read its replies, nothing more is read.
 */
export class Connection {
  readonly client: Client;
  readonly #socket: Socket;
  readonly #parser: RequestParser;
  /** A command that was read but not run, or why what follows cannot be read. */
  #next: Request | ProtocolError | undefined;
  #isEnding = false;
  #busy = false;
  #ended = false;
  /** A command that had begun when it was looked for: its number, when that was, and what had arrived by then. */
  #arriving: { readonly command: number; readonly since: number; readonly bytes: number } | undefined;

  constructor(socket: Socket, server: ServerContext, address: string) {
    this.#socket = socket;
    this.client = new Client(server, address, () => this.#notify());
    const limits = () => (this.client.isAdmitted ? LIMITS : LIMITS_BEFORE_AUTHENTICATION);
    this.#parser = new RequestParser(limits, commandNames);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('drain', () => this.#continue());
    socket.on('end', () => {
      this.#ended = true;
      this.#continue();
    });
    socket.on('error', () => socket.destroy());
    const timer = setTimeout(() => {
      if (!this.client.isAdmitted) socket.destroy();
    }, server.authenticationTimeout * 1000).unref();
    socket.on('close', () => {
      clearTimeout(timer);
      this.client.subscriptions.close();
    });
  }

  /** Ends after the command that runs. */
  close(): void {
    this.client.isClosing = true;
    if (!this.#busy) this.#flush();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** To be called every second: ends the connection if a command takes longer than `allowed` ms, and is slow. */
  checkArrival(allowed: number): void {
    // Time in which this server does not read does not count.
    if (!this.#mayRun() || this.client.isClosing || !this.#parser.isWithin) {
      this.#arriving = undefined;
      return;
    }
    const { commands: command } = this.#parser;
    const [now, { bytesRead: bytes }] = [performance.now(), this.#socket];
    if (this.#arriving?.command !== command) this.#arriving = { command, since: now, bytes };
    const elapsed = now - this.#arriving.since;
    if (elapsed < allowed || !isTooSlow(bytes - this.#arriving.bytes, elapsed)) return;
    this.client.writer.write({ type: 'error', code: 'ERR', message: 'the command did not arrive in time' });
    this.close();
  }

  #received(chunk: Buffer): void {
    this.#parser.push(chunk);
    if (this.#mayRun()) this.#run();
    else this.#socket.pause();
  }

  #continue(): void {
    if (!this.#mayRun()) return;
    this.#run();
    if (this.#mayRun()) this.#socket.resume();
  }

  #mayRun(): boolean {
    return !this.#busy && !this.#socket.writableNeedDrain && !this.#socket.destroyed;
  }

  #run(): void {
    this.client.beginTurn();
    try {
      while (this.#mayRun() && !this.client.isClosing) {
        const request = this.#read();
        if (request === undefined) {
          if (this.#ended) this.client.isClosing = true;
          break;
        }
        const result = request.known?.operation.changes ? this.#write(request) : execute(this.client, request);
        if (result instanceof Promise) void this.#wait(result);
        else if (result !== undefined) this.client.writer.write(result);
        if (this.client.writer.bytes > FLUSH_BYTES) this.#flush();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.client.writer.write({ type: 'error', code: 'ERR', message: error.message });
      this.client.isClosing = true;
    }
    atEndOfTurn(this.#flush);
  }

  #read(): Request | undefined {
    const next = this.#next;
    if (next === undefined) return this.#parse();
    this.#next = undefined;
    if (next instanceof ProtocolError) throw next;
    return next;
  }

  #parse(): Request | undefined {
    const args = this.#parser.next();
    return args && requestOf(args);
  }

  /** As `#read`, but does not fail before the commands that were read have run. */
  #readAhead(): Request | undefined {
    try {
      return this.#parse();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#next = error;
      return undefined;
    }
  }

  /** A write, with the commands after it that have arrived and can share its commit. */
  #write(first: Request) {
    if (!canShareCommit(this.client, first)) return execute(this.client, first);
    const together = [first];
    let bytes = bytesOf(first);
    while (together.length < MAX_TOGETHER && bytes < MAX_TOGETHER_BYTES) {
      const next = this.#readAhead();
      if (next === undefined) break;
      if (!canShareCommit(this.client, next)) {
        this.#next = next;
        break;
      }
      together.push(next);
      bytes += bytesOf(next);
    }
    return together.length === 1 ? execute(this.client, first) : executeTogether(this.client, together);
  }

  async #wait(result: Promise<Reply | readonly Reply[] | undefined>): Promise<void> {
    this.#busy = true;
    try {
      const replies = await result;
      if (replies !== undefined) for (const reply of [replies].flat()) this.client.writer.write(reply);
    } finally {
      this.#busy = false;
    }
    this.#continue();
  }

  /** Sends what was written without being asked for. */
  #notify(): void {
    this.#flushSoon();
    if (this.#socket.writableLength + this.client.writer.bytes > MAX_UNREAD_BYTES) this.#socket.destroy();
  }

  #flushSoon(): void {
    if (this.client.writer.bytes > FLUSH_BYTES) this.#flush();
    else atEndOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    const { writer, isClosing } = this.client;
    if (this.#socket.destroyed) return void writer.take();
    if (writer.bytes > 0) {
      const chunks = writer.take();
      if (chunks.length > 1) this.#socket.cork();
      for (const chunk of chunks) this.#socket.write(chunk);
      if (chunks.length > 1) this.#socket.uncork();
    }
    if (isClosing && !this.#busy && !this.#isEnding) {
      this.#isEnding = true;
      this.#socket.destroySoon();
      setTimeout(() => this.#socket.destroy(), LAST_READ_TIMEOUT).unref();
    }
  };
}

function bytesOf({ args }: Request): number {
  return args.reduce((sum, word) => sum + word.length, 0);
}
