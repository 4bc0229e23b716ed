import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { Clock } from '../ports/clock.js';
import { Credentials } from '../ports/registry/credentials.js';
import { isStillValid } from './still-valid.js';

/** How long a ticket can be used, in ms. */
const LIFETIME = 60_000;
/** The most tickets that wait to be used, of one key and in all; older ones are dropped. */
const MAX_PER_KEY = 100;
const MAX_TICKETS = 10_000;

export interface WatchTicket {
  readonly ticket: string;
  /** In ms since 1970. */
  readonly expiresAt: number;
}

interface Issued {
  readonly caller: Identity;
  readonly project: string;
  readonly expiresAt: number;
}

/**
 * Tickets for clients that can send no header with a key, such as `EventSource` in browsers. Each admits one request to
 * watch a project, within a minute. They are in memory only, and end with their key.
 */
@scoped(Lifecycle.ContainerScoped)
export class WatchTickets {
  /** From the oldest on. */
  readonly #issued = new Map<string, Issued>();

  constructor(
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(Clock) private readonly clock: Clock,
  ) {
    credentials.onRevoked(({ project, keyId }) => {
      for (const [ticket, one] of this.#issued) {
        if (one.project === project && one.caller.keyId === keyId) this.#issued.delete(ticket);
      }
    });
  }

  /** Makes a ticket with the rights of this caller. */
  issue(caller: Identity, project: string): WatchTicket {
    const now = this.clock.now();
    for (const [ticket, { expiresAt }] of this.#issued) if (expiresAt <= now) this.#issued.delete(ticket);
    const ofKey = [...this.#issued].filter(([, one]) => one.project === project && one.caller.keyId === caller.keyId);
    if (ofKey.length >= MAX_PER_KEY) this.#issued.delete(ofKey[0]?.[0] as string);
    if (this.#issued.size >= MAX_TICKETS) this.#issued.delete([...this.#issued.keys()][0] as string);
    const ticket = `pkt_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`;
    const expiresAt = now + LIFETIME;
    this.#issued.set(ticket, { caller, project, expiresAt });
    return { ticket, expiresAt };
  }

  /** The caller that a ticket for the project stands for, once; undefined if it never did or does not any more. */
  take(ticket: string, project: string | undefined): Identity | undefined {
    const found = this.#issued.get(ticket);
    if (found === undefined || found.project !== project) return undefined;
    this.#issued.delete(ticket);
    const now = this.clock.now();
    if (found.expiresAt <= now) return undefined;
    return isStillValid(found.caller, found.project, this.credentials, now) ? found.caller : undefined;
  }
}
