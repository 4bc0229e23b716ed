import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { KeyFilter } from '../../domain/key.js';
import { hasVisibleKeys } from '../access/authorize.js';
import { isStillValid } from '../access/still-valid.js';
import { Clock } from '../ports/clock.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';

/** A client that watches changes. */
export interface Watch {
  readonly project: string;
  readonly caller: Identity;
  readonly filter: KeyFilter;
  end(): void;
}

/** How often rights are checked again, in ms. */
const CHECK_INTERVAL = 1_000;

/**
 * Every client that watches. A watch ends when its client loses the right: at once with its key, else within a second.
 */
@scoped(Lifecycle.ContainerScoped)
export class ActiveWatches {
  readonly #watches = new Set<Watch>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    @inject(Credentials) private readonly credentials: Credentials,
    @inject(Projects) private readonly projects: Projects,
    @inject(Clock) private readonly clock: Clock,
  ) {
    credentials.onRevoked(({ project, keyId }) => {
      this.#endIf((watch) => watch.project === project && (watch.caller.keyId === keyId || !this.#isAllowed(watch)));
    });
  }

  /** How many clients watch now. */
  get count(): number {
    return this.#watches.size;
  }

  /** Adds a watch; ends it at once if it is not allowed or the server stops. */
  add(watch: Watch): void {
    this.#watches.add(watch);
    if (this.#closed || !this.#isAllowed(watch)) watch.end();
    else this.#timer ??= setInterval(() => this.#check(), CHECK_INTERVAL);
  }

  remove(watch: Watch): void {
    this.#watches.delete(watch);
  }

  /** Ends every watch, also those that are added later. */
  close(): void {
    this.#closed = true;
    this.#endIf(() => true);
    this.#check();
  }

  #check(): void {
    this.#endIf((watch) => !this.#isAllowed(watch));
    if (this.#watches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #endIf(condition: (watch: Watch) => boolean): void {
    for (const watch of this.#watches) if (condition(watch)) watch.end();
  }

  #isAllowed({ project, caller, filter }: Watch): boolean {
    if (!isStillValid(caller, project, this.credentials, this.clock.now())) return false;
    return filter.keys !== undefined || hasVisibleKeys(this.projects.get(project));
  }
}
