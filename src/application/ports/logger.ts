/** Structured log lines. Members never hold a key, a hash or a value. */
export interface Logger {
  error(members: object, message: string): void;
  warn(members: object, message: string): void;
  info(members: object, message: string): void;
  /** Undefined if debug lines are off, so that callers need not collect anything for them. */
  readonly debug: ((members: object, message: string) => void) | undefined;
}
export const Logger = Symbol('Logger');
