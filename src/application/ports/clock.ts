/** The time. A port, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970; may step back. */
  now(): number;
}
export const Clock = Symbol('Clock');
