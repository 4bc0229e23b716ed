/** How often the pool looks for idle members, in ms. */
const CHECK_INTERVAL = 1_000;

/** A store in a pool. */
export interface PoolMember {
  /** By the clock of the pool. */
  readonly usedAt: number;
  /** Closed: no files are open. Busy: calls run. Held: it has to stay open although no call runs. */
  readonly state: 'closed' | 'changing' | 'busy' | 'held' | 'idle';
  /** Closes it until it is used again. Called while it is idle; must not reject. */
  suspend(): Promise<void>;
}

export interface StorePoolOptions {
  /** How many members are open at a time, beside those that are held. */
  readonly maxOpen: number;
  /** The time without use after which a member is closed, in ms. */
  readonly idleAfter: number;
}

/** Bounds how many stores are open at a time: the one that was not used for longest is closed for another. */
export class StorePool {
  readonly #options: StorePoolOptions;
  readonly #members = new Set<PoolMember>();
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closingIdle = false;
  /** The time of the last check, in ms: members note it at each use. */
  now = performance.now();

  /** By default no member is closed. */
  constructor(options: StorePoolOptions = { maxOpen: Number.POSITIVE_INFINITY, idleAfter: Number.POSITIVE_INFINITY }) {
    this.#options = options;
  }

  /** Resolves when the member may open. Call `leave` after it has closed, or if it could not be opened. */
  async enter(member: PoolMember): Promise<void> {
    this.now = performance.now();
    while (this.#isFull()) {
      const idle = this.#longestIdle();
      if (idle === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else await idle.suspend();
    }
    this.#members.add(member);
    this.#timer ??= setInterval(() => void this.#closeIdle(), CHECK_INTERVAL).unref();
  }

  leave(member: PoolMember): void {
    this.#members.delete(member);
    this.#waiting.shift()?.();
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Call it if a member is not busy any more. */
  becameIdle(): void {
    this.#waiting.shift()?.();
  }

  #isFull(): boolean {
    return this.#members.size >= this.#options.maxOpen && this.#countNotHeld() >= this.#options.maxOpen;
  }

  #countNotHeld(): number {
    let counted = 0;
    for (const { state } of this.#members) if (state !== 'held') counted += 1;
    return counted;
  }

  #longestIdle(): PoolMember | undefined {
    let longest: PoolMember | undefined;
    for (const member of this.#members) {
      if (member.state === 'idle' && member.usedAt < (longest?.usedAt ?? Number.POSITIVE_INFINITY)) longest = member;
    }
    return longest;
  }

  async #closeIdle(): Promise<void> {
    this.now = performance.now();
    // Members that were held may be so no longer.
    this.#waiting.shift()?.();
    if (this.#closingIdle) return;
    this.#closingIdle = true;
    while (this.#countNotHeld() > this.#options.maxOpen) {
      const idle = this.#longestIdle();
      if (idle === undefined) break;
      await idle.suspend();
    }
    for (const member of [...this.#members]) {
      const isIdle = member.state === 'idle' && this.now - member.usedAt >= this.#options.idleAfter;
      if (isIdle) await member.suspend();
    }
    this.#closingIdle = false;
  }
}
