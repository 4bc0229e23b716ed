import type { Clock } from '../../src/application/ports/clock.js';

/** A clock that a test can set, in ms. */
export class MovableClock implements Clock {
  /** Is added to the time. */
  shift = 0;
  /** The time at which the clock stands still, if it is set. */
  at: number | undefined;

  now(): number {
    return (this.at ?? Date.now()) + this.shift;
  }
}
