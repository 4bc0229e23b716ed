import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError, type ErrorCode } from '../../domain/errors.js';
import { Logger } from '../ports/logger.js';
import { PathNames } from '../ports/path-names.js';

/** What stands for the name of a file that the caller may not see. */
const HIDDEN = 'a file of the server';
/** Errors that the disk causes: any path in their message is one of this machine. */
const DISK: ReadonlySet<ErrorCode> = new Set(['unavailable', 'outcome_unknown', 'insufficient_storage']);
/** How long, in ms, a message is not logged again, and how many are remembered. */
const QUIET = 60_000;
const MAX_LOGGED = 100;

/**
 * Names of files in what clients see: relative to the data folder, and for the system key and the scope `admin` alone.
 * Absolute paths are for the log.
 */
@scoped(Lifecycle.ContainerScoped)
export class Redaction {
  readonly #logged = new Map<string, number>();

  constructor(
    @inject(PathNames) private readonly names: PathNames,
    @inject(Logger) private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** The error as the caller may see it; the same one if it names no file. Logs what is left out. */
  errorFor(error: unknown, caller: Identity | undefined): unknown {
    if (!(error instanceof AppError)) return error;
    const isOfDisk = DISK.has(error.code);
    const message = this.#shown(caller, error.message, isOfDisk);
    const details = error.details && this.#detailsFor(caller, error.details, isOfDisk);
    if (message === error.message && details === error.details) return error;
    this.#log(error.message);
    const { code, isPermanent } = error;
    return new AppError(code, message, { ...(details === undefined ? {} : { details }), cause: error, isPermanent });
  }

  /** What the disk caused, as the caller may see it. */
  textFor(text: string, caller: Identity | undefined): string {
    return this.#shown(caller, text, true);
  }

  #shown(caller: Identity | undefined, text: string, isOfDisk: boolean): string {
    return this.names.replace(text, isOfDisk, (name, at) => {
      if (isAdministrator(caller)) return name;
      return at === 0 ? HIDDEN.replace('a', 'A') : HIDDEN;
    });
  }

  /** The same object if nothing changes. */
  #detailsFor(
    caller: Identity | undefined,
    details: Readonly<Record<string, unknown>>,
    isOfDisk: boolean,
  ): Record<string, unknown> {
    const shown: Record<string, unknown> = {};
    let changed = false;
    for (const [name, value] of Object.entries(details)) {
      const text = typeof value === 'string' ? this.#shown(caller, value, isOfDisk) : value;
      changed ||= text !== value;
      if (text === value || isAdministrator(caller)) shown[name] = text;
    }
    return changed ? shown : (details as Record<string, unknown>);
  }

  /** Once a minute for each message: clients repeat requests. */
  #log(message: string): void {
    const now = performance.now();
    if (now - (this.#logged.get(message) ?? -QUIET) < QUIET) return;
    if (this.#logged.size >= MAX_LOGGED) this.#logged.clear();
    this.#logged.set(message, now);
    this.log.warn({}, message);
  }
}

function isAdministrator(caller: Identity | undefined): boolean {
  return caller !== undefined && (caller.kind === 'system' || caller.scopes.includes('admin'));
}
