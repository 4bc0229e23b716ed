import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { prefixFor, requireAccess, requireScope } from '../access/authorize.js';
import { type WatchTicket, WatchTickets } from '../access/watch-tickets.js';

/** What a ticket may be used for: keys with the prefix, with or without their values. */
export interface TicketRequest {
  readonly prefix?: string | undefined;
  readonly values?: boolean;
}

/** Makes a ticket that admits one request to watch, with no more rights than it needs. */
@injectable()
export class CreateWatchTicket {
  constructor(@inject(WatchTickets) private readonly tickets: WatchTickets) {}

  /** Throws `insufficient_scope` beyond the caller's rights. */
  async execute(caller: Identity, project: string, { prefix, values = false }: TicketRequest): Promise<WatchTicket> {
    requireAccess(caller, rules.watch, project, { prefix });
    if (values) requireScope(caller, 'read');
    const confined = prefixFor(caller, 'watch', prefix);
    const rights = {
      scopes: values ? (['watch', 'read'] as const) : (['watch'] as const),
      prefix: confined === '' ? undefined : confined,
    };
    return this.tickets.issue({ ...caller, ...rights }, project);
  }
}
