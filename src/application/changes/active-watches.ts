import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { KeyFilter } from '../../domain/key.js';
import { Clock } from '../ports/clock.js';
import { Credentials } from '../ports/registry/credentials.js';
import { Projects } from '../ports/registry/projects.js';

/** Somebody who is being told of changes, and how to stop that. */
export interface Watch {
  readonly project: string;
  readonly identity: Identity;
  readonly filter: KeyFilter;
  end(): void;
}

/** How often it is looked who may not watch any more, in ms. */
const LOOK_EVERY = 1_000;

/** Everybody who watches a project. Whoever loses the right to is ended: at once with the key, else within a second. */
@injectable()
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
      this.#endWhere((watch) => watch.project === project && (watch.identity.keyId === keyId || !this.#may(watch)));
    });
  }

  /** Ends it at once where it may not be, or where the server stops. */
  add(watch: Watch): void {
    this.#watches.add(watch);
    if (this.#closed || !this.#may(watch)) watch.end();
    else this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY);
  }

  remove(watch: Watch): void {
    this.#watches.delete(watch);
  }

  /** Ends all of them, and every later one. */
  close(): void {
    this.#closed = true;
    this.#endWhere(() => true);
    this.#look();
  }

  #look(): void {
    this.#endWhere((watch) => !this.#may(watch));
    if (this.#watches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #endWhere(condition: (watch: Watch) => boolean): void {
    for (const watch of this.#watches) if (condition(watch)) watch.end();
  }

  #may({ project, identity, filter }: Watch): boolean {
    const { kind, keyId, expiresAt } = identity;
    if (expiresAt !== undefined && expiresAt <= this.clock.now()) return false;
    if (kind === 'anonymous' && this.credentials.required(project)) return false;
    if (keyId !== undefined && this.credentials.byKeyId(keyId) === undefined) return false;
    if (filter.keys !== undefined) return true;
    return this.projects.get(project)?.security.keys_and_values_discoverable ?? false;
  }
}
