import type { Awaitable } from '../../../application/awaitable.js';
import type { Call, Operation } from '../../../application/inbound/call.js';
import type { InboundPipeline } from '../../../application/inbound/inbound-pipeline.js';
import type { Identity } from '../../../domain/api-key.js';
import type { Session } from '../../redis-commands/command.js';
import type { RedisCommands } from '../../redis-commands/redis-commands.js';
import { RedisError } from '../../redis-commands/redis-error.js';
import { ReplyWriter } from '../protocol/reply-writer.js';
import { Subscriptions, type WatchServices } from './subscriptions.js';
import { TransactionState } from './transaction-state.js';

/** The name of the transport in metrics. */
export const TRANSPORT = 'redis';
let lastId = 0;

/** What all clients of a listener share. */
export interface ServerContext extends WatchServices {
  readonly pipeline: InboundPipeline;
  readonly commands: RedisCommands;
  /** The project of clients that name none. */
  readonly project: string | undefined;
  /** PortKV's version. */
  readonly version: string;
  /** In ms since 1970. */
  readonly startedAt: number;
  readonly port: number;
  /** Every connected client, by its id. */
  readonly clients: Map<number, Client>;
  readonly maxClients: number;
  /** Seconds in which a client must be allowed to do something. */
  readonly authenticationTimeout: number;
}

/** One connected client, as the server knows it. */
export class Client {
  readonly id = ++lastId;
  /** In ms since 1970. */
  readonly connectedAt = Date.now();
  readonly writer = new ReplyWriter();
  readonly transaction = new TransactionState();
  readonly subscriptions: Subscriptions;
  /** The project that it chose, or else that of the listener. */
  project: string | undefined;
  /** The API key that it presented. */
  secret: string | undefined;
  name = '';
  libraryName = '';
  libraryVersion = '';
  /** The last command, in lower case, and when it came, by `performance.now()`. */
  lastCommand = '';
  lastCommandAt = performance.now();
  /** When the turn of the event loop began in which its commands run, by `performance.now()`. */
  turnBeganAt = performance.now();
  /** Whether a command of it was allowed: before that, it may send only little. */
  isAdmitted = false;
  /** Whether its connection ends after what was written. */
  isClosing = false;
  /** Who it is, as an admitted call has shown. */
  #known: { readonly call: ClientCall; readonly caller: Identity; readonly session: Session } | undefined;
  /** Whether that was in this turn of the event loop. */
  #isCurrent = false;
  #commands = 0;

  /** `flush` sends what was written outside of a command, such as a notification. */
  constructor(
    readonly server: ServerContext,
    readonly address: string,
    flush: () => void,
  ) {
    this.project = server.project;
    this.subscriptions = new Subscriptions(this, flush);
  }

  /** Runs an operation as this client; rejects or throws as `InboundPipeline.run`. Throws if it has no project yet. */
  run<T>(operation: Operation, task: (session: Session) => Awaitable<T>): Awaitable<T> {
    const call = this.call(operation);
    return this.server.pipeline.run(TRANSPORT, call, (caller) => task(this.admitted(call, caller)));
  }

  /** A request of this client, by default as it is authenticated now. Throws if it has no project yet. */
  call(operation: Operation, project = this.project, secret = this.secret): ClientCall {
    if (project === undefined) throw new RedisError('Authentication required.', 'NOAUTH');
    this.#commands += 1;
    const known = this.#callerOf(operation, project, secret);
    return new ClientCall(operation, this, project, secret, this.#commands, known, this.#isCurrent);
  }

  /** A call was admitted as this caller. Returns for whom its command runs. */
  admitted(call: ClientCall, caller: Identity): Session {
    this.isAdmitted = true;
    if (call.caller === undefined || this.#known === undefined) {
      this.#known = { call, caller, session: { caller, project: call.project } };
      this.#isCurrent = true;
    }
    return this.#known.session;
  }

  /** Another turn of the event loop begins: its key may have been revoked meanwhile. */
  beginTurn(): void {
    this.#isCurrent = false;
    this.turnBeganAt = performance.now();
  }

  #callerOf({ access }: Operation, project: string, secret: string | undefined): Identity | undefined {
    if (this.#known === undefined) return undefined;
    const { call, caller } = this.#known;
    return call.operation.access === access && call.project === project && call.secret === secret ? caller : undefined;
  }

  /** Forgets who it is and what it asked for. */
  reset(): void {
    this.transaction.reset();
    this.subscriptions.end();
    this.project = this.server.project;
    this.secret = undefined;
    this.isAdmitted = false;
    this.name = '';
    this.writer.version = 2;
  }
}

export class ClientCall implements Call {
  readonly caller: Identity | undefined;
  readonly previousCaller: Identity | undefined;

  constructor(
    readonly operation: Operation,
    private readonly client: Client,
    readonly project: string,
    readonly secret: string | undefined,
    private readonly number: number,
    /** The caller of an earlier call, and whether that was in the same turn of the event loop. */
    known: Identity | undefined,
    isCurrent: boolean,
  ) {
    this.caller = isCurrent ? known : undefined;
    this.previousCaller = isCurrent ? undefined : known;
  }

  get arrivedAt(): number {
    return this.client.turnBeganAt;
  }

  get requestId(): string {
    return `redis-${this.client.id}-${this.number}`;
  }

  address(): string {
    return this.client.address;
  }
}
