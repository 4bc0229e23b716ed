import { nextVersion } from '../../domain/version.js';
import type { Awaitable } from '../awaitable.js';
import type { Clock } from '../ports/clock.js';

/** How far ahead of the clock versions are reserved, in microseconds. */
const AHEAD = 10_000_000;
/** In microseconds since 1970: the year 2112. */
const PLAUSIBLE = Number.MAX_SAFE_INTEGER / 2;

/**
 * Issues a project's versions. No version at or beyond the floor is issued before a higher floor is on disk, and after
 * a restart all versions are above the last floor. So no version repeats, whatever the clock or a crash does.
 */
export class Versions {
  readonly #clock: Clock;
  readonly #saveFloor: (floor: number) => Promise<void>;
  #last: number;
  #floor: number;
  #saving: Promise<void> | undefined;

  constructor(clock: Clock, floor: number, saveFloor: (floor: number) => Promise<void>) {
    this.#clock = clock;
    this.#saveFloor = saveFloor;
    this.#last = floor;
    this.#floor = floor;
  }

  /** Makes sure that `count` versions can be issued; waits for the disk only if the reserve is used up. */
  reserve(count: number): Awaitable<void> {
    if (count === 0) return;
    const needed = nextVersion(this.#last, this.#clock.now()) + count;
    if (needed < this.#floor) return;
    return this.#raise(needed);
  }

  /** The next version. Call it only for versions that `reserve` granted. */
  next(): number {
    const version = nextVersion(this.#last, this.#clock.now());
    if (version < this.#floor) this.#last = version;
    else if (this.#last + 1 < this.#floor) this.#last += 1;
    else throw new Error('a version was taken that was not reserved');
    return this.#last;
  }

  /**
   * From now on issues only versions above this one, which another program issued. Returns false, changing nothing, if
   * it is so far ahead that a clock must be wrong.
   */
  follow(version: number): boolean {
    if (version > this.#clock.now() * 1000 + AHEAD) return false;
    this.#last = Math.max(this.#last, version);
    return true;
  }

  /**
   * From now on issues only versions above this one, which is stored: another server of the same store may have a clock
   * that is ahead. One of the next century is damage, which must not use up the versions that are left.
   */
  surpass(version: number): void {
    if (version > this.#last && version < PLAUSIBLE) this.#last = version;
  }

  /** The highest version issued so far. */
  get last(): number {
    return this.#last;
  }

  async #raise(needed: number): Promise<void> {
    while (this.#saving !== undefined) await this.#saving;
    if (needed < this.#floor) return;
    const floor = needed + AHEAD;
    this.#saving = this.#saveFloor(floor).finally(() => {
      this.#saving = undefined;
    });
    await this.#saving;
    this.#floor = floor;
  }
}
