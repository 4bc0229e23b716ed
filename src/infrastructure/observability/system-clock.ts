import type { Clock } from '../../application/ports/clock.js';

/** The clock of the machine. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }
}
