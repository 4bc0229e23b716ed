import { inject, Lifecycle, scoped } from 'tsyringe';
import { anonymousOf, type Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { AccessRule } from '../access/access-rules.js';
import { authorize, unauthenticated } from '../access/authorize.js';
import { CheckAccess } from '../access/check-access.js';
import { unknownProject } from '../access/require-project.js';
import { WatchTickets } from '../access/watch-tickets.js';
import { type Awaitable, andThen } from '../awaitable.js';
import { AccessSettings } from '../ports/access-settings.js';
import { Logger } from '../ports/logger.js';
import { Metrics } from '../ports/metrics.js';
import { Projects } from '../ports/registry/projects.js';
import { AuditTrail } from './audit-trail.js';
import type { Call } from './call.js';
import { CallDurations } from './call-durations.js';
import { networkOf } from './client-network.js';
import { Redaction } from './redaction.js';
import { RequestRates } from './request-rates.js';

/**
 * The steps of every request, whatever its transport, in this order: the rate of its address, its key and that key's
 * failures, the rate of its key, the limit on waiting requests, its audit record, its duration by operation. A
 * transport whose requests arrive whole calls `handle`; one that reads a body between the key and the use case calls
 * the single steps.
 */
@scoped(Lifecycle.ContainerScoped)
export class InboundPipeline {
  readonly #durations: CallDurations;
  #waiting = 0;

  constructor(
    @inject(CheckAccess) private readonly checkAccess: CheckAccess,
    @inject(WatchTickets) private readonly tickets: WatchTickets,
    @inject(RequestRates) private readonly rates: RequestRates,
    @inject(AuditTrail) private readonly audit: AuditTrail,
    @inject(AccessSettings) private readonly settings: AccessSettings,
    @inject(Projects) private readonly projects: Projects,
    @inject(Metrics) metrics: Metrics,
    @inject(Redaction) private readonly redaction: Redaction,
    @inject(Logger) private readonly log: Logger,
  ) {
    this.#durations = new CallDurations(metrics);
  }

  /**
   * Runs the task of a request that has arrived whole, for its caller. Rejects as the single steps and the task do;
   * logs a bug.
   */
  async handle<T>(transport: string, call: Call, task: (caller: Identity) => Awaitable<T>): Promise<T> {
    return this.run(transport, call, task);
  }

  /** As `handle`, but synchronous, also if it throws, if all that it does is. */
  run<T>(transport: string, call: Call, task: (caller: Identity) => Awaitable<T>): Awaitable<T> {
    const start = call.arrivedAt ?? performance.now();
    let caller: Awaitable<Identity | undefined>;
    try {
      caller = call.operation.access === 'open' ? undefined : this.#admitCounted(call);
    } catch (error) {
      throw this.#refused(transport, call, start, undefined, error);
    }
    if (!(caller instanceof Promise)) return this.#runAs(transport, call, start, caller, task);
    return caller.then(
      (known) => this.#runAs(transport, call, start, known, task),
      (error: unknown) => {
        throw this.#refused(transport, call, start, undefined, error);
      },
    );
  }

  /**
   * Runs requests that one client sent together, with one secret and of one rule and project, as one task. Each counts,
   * is refused, recorded and measured by itself.
   * The task gets the positions of those that are allowed, and returns the result of each, or the error with which it
   * failed; if it rejects, all of them failed. Returns results and errors by position.
   */
  async runTogether<T>(
    transport: string,
    calls: readonly Call[],
    task: (caller: Identity, allowed: readonly number[]) => Promise<readonly (T | Error)[]>,
  ): Promise<readonly (T | Error)[]> {
    const start = performance.now();
    const results: (T | Error)[] = [];
    const allowed: number[] = [];
    let caller: Identity | undefined;
    for (const [i, call] of calls.entries()) {
      try {
        const admitted = this.#admitCounted(call, caller);
        caller = admitted instanceof Promise ? await admitted : admitted;
        allowed.push(i);
      } catch (error) {
        results[i] = error as Error;
      }
    }
    if (caller !== undefined) {
      const known = caller;
      const done = await this.#together(() => task(known, allowed), known);
      for (const [n, i] of allowed.entries()) results[i] = done instanceof Error ? done : (done[n] as T | Error);
    }
    for (const [i, call] of calls.entries()) {
      const result = results[i];
      if (result instanceof Error) results[i] = this.#refused(transport, call, start, caller, result);
      else if (caller !== undefined) {
        if (this.audit.levelOf(call.operation) !== undefined) await this.audit.done(call, caller);
        this.#durations.doneInTurn(transport, call.operation.id, start);
      }
    }
    return results;
  }

  /** Throws `rate_limited` if the client's address sends too many requests. */
  countAddress(call: Call): void {
    this.rates.countAddress(call);
  }

  /**
   * The caller of a secret, if the operation's rule allows it; synchronous if the secret was verified before. Throws
   * `unauthenticated`, `insufficient_scope`, `rate_limited`, and `not_found` for an unknown project, but only if
   * projects are discoverable: otherwise an unknown one costs and returns the same as a foreign one.
   */
  admit(call: Call, secret: string | undefined): Awaitable<Identity> {
    const { operation, project } = call;
    const rule = operation.access as AccessRule;
    this.#requireProject(call);
    const caller = this.checkAccess.execute(
      secret,
      rule,
      project,
      () => networkOf(call.address()),
      call.previousCaller,
    );
    return andThen(caller, (known) => {
      this.rates.countKey(known, call);
      return known;
    });
  }

  /** The caller that a ticket stands for, which it does once. Throws as `admit` does. */
  admitTicket(call: Call, ticket: string): Identity {
    this.#requireProject(call);
    const caller = this.tickets.take(ticket, call.project);
    if (caller === undefined) throw unauthenticated();
    authorize(caller, call.operation.access as AccessRule, call.project);
    this.rates.countKey(caller, call);
    return caller;
  }

  /**
   * As `admit`, for a request that presents several secrets, such as one for a proxy: the first one counts that is a
   * key of this server.
   */
  async admitFirst(call: Call, secrets: readonly string[]): Promise<Identity> {
    let refusal: AppError | undefined;
    for (const secret of this.checkAccess.inOrder(secrets, call.operation.access as AccessRule, call.project)) {
      call.onSecret?.(secret);
      try {
        return await this.admit(call, secret);
      } catch (error) {
        const { code } = clientError(error);
        if (code !== 'unauthenticated' && code !== 'rate_limited') throw error;
        if (refusal === undefined || code === 'rate_limited') refusal = error as AppError;
      }
    }
    throw refusal ?? unauthenticated();
  }

  /**
   * Runs a use case within the limit on waiting requests, for an anonymous caller if it needs none. Administrative
   * calls are recorded before it resolves.
   */
  perform<T>(call: Call, caller: Identity | undefined, task: (caller: Identity) => Awaitable<T>): Awaitable<T> {
    const result = this.#limited(task, caller ?? anonymousOf(undefined));
    if (caller === undefined || this.audit.levelOf(call.operation) === undefined) return result;
    return andThen(result, (value) => this.audit.done(call, caller).then(() => value));
  }

  /** Reports a call that was refused or failed. Returns the error as clients may see it: a bug is `internal`. */
  failed(call: Call, error: unknown): AppError {
    const known = clientError(error);
    this.audit.failed(call, known.code);
    return known;
  }

  /** The error without names of files that the caller may not see. */
  errorFor(error: unknown, caller: Identity | undefined): unknown {
    return this.redaction.errorFor(error, caller);
  }

  #requireProject({ operation, project }: Call): void {
    if (operation.access === 'open' || operation.access.allow !== 'project' || project === undefined) return;
    if (!this.settings.projectDiscoverable || this.projects.get(project) !== undefined) return;
    throw unknownProject(project);
  }

  #admitCounted(call: Call, caller = call.caller): Awaitable<Identity> {
    this.countAddress(call);
    if (caller === undefined) return this.admit(call, call.secret);
    this.rates.countKey(caller, call);
    return caller;
  }

  #runAs<T>(
    transport: string,
    call: Call,
    start: number,
    caller: Identity | undefined,
    task: (caller: Identity) => Awaitable<T>,
  ): Awaitable<T> {
    try {
      const result = this.perform(call, caller, task);
      if (!(result instanceof Promise)) {
        this.#durations.doneInTurn(transport, call.operation.id, start);
        return result;
      }
      return result.then(
        (value) => this.#succeeded(transport, call, start, value),
        (error: unknown) => {
          throw this.#refused(transport, call, start, caller, error);
        },
      );
    } catch (error) {
      throw this.#refused(transport, call, start, caller, error);
    }
  }

  #limited<T>(task: (caller: Identity) => Awaitable<T>, caller: Identity): Awaitable<T> {
    if (this.#waiting >= this.settings.maxWaiting) {
      throw new AppError('unavailable', 'The server is overloaded; try again');
    }
    const result = task(caller);
    return result instanceof Promise ? this.#counted(result) : result;
  }

  async #together<T>(
    task: () => Promise<readonly (T | Error)[]>,
    caller: Identity,
  ): Promise<readonly (T | Error)[] | Error> {
    try {
      return await this.#limited(task, caller);
    } catch (error) {
      return error as Error;
    }
  }

  #succeeded<T>(transport: string, call: Call, start: number, result: T): T {
    this.#durations.ended(transport, call.operation.id, 'ok', start);
    return result;
  }

  /** The error as the caller may see it, after it was recorded, measured, and logged if it is a bug. */
  #refused(transport: string, call: Call, start: number, caller: Identity | undefined, error: unknown): Error {
    const { code } = this.failed(call, error);
    if (code === 'internal') {
      this.log.error({ err: error, operation: call.operation.id, request_id: call.requestId }, 'bug');
    }
    this.#durations.ended(transport, call.operation.id, code, start);
    return this.errorFor(error, caller) as Error;
  }

  #counted<T>(result: Promise<T>): Promise<T> {
    this.#waiting += 1;
    result.then(this.#whenSettled, this.#whenSettled);
    return result;
  }

  readonly #whenSettled = (): void => {
    this.#waiting -= 1;
  };
}

/** The error as clients may see it: anything but an `AppError` becomes `internal`. */
export function clientError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'Internal error; the request id finds it in the log');
}
