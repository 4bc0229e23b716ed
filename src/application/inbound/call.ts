import type { Identity } from '../../domain/api-key.js';
import type { AccessRule } from '../access/access-rules.js';

/** What a transport offers to its clients under one name, such as a command. */
export interface Operation {
  /** Its name in audit records and metrics. */
  readonly id: string;
  readonly access: AccessRule | 'open';
  /** Whether it changes anything. */
  readonly changes: boolean;
  /** Whether it is recorded as administrative operations are, because it gives rights away. */
  readonly audited?: true;
}

/** What is left of a request rate. */
export interface RateStatus {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the whole rate is available again. */
  readonly reset: number;
}

/** One request of any transport. */
export interface Call {
  readonly operation: Operation;
  /** The project that it is about, if it is about one. */
  readonly project: string | undefined;
  readonly requestId: string;
  /** When it arrived, by `performance.now()`, if that is known: calls that arrived together have the same time. */
  readonly arrivedAt?: number;
  /** The API key that it presents; of several, the one that was tried last. */
  readonly secret: string | undefined;
  /**
   * The caller, if it is known: an earlier call of the same connection, in the same turn of the event loop and with the
   * same secret, project and rule, was admitted.
   */
  readonly caller?: Identity | undefined;
  /** The caller that an earlier call of the same connection was, with the same secret, project and rule. */
  readonly previousCaller?: Identity | undefined;
  /** The client's address. */
  address(): string;
  /** Called with each rate that the request counts towards, also if that is used up. */
  onRate?(status: RateStatus): void;
  /** Called with each of several secrets before it is tried. */
  onSecret?(secret: string): void;
}
