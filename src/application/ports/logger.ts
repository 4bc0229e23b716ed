/** Structured log lines. Members never hold a key, a hash or a value. */
export interface Logger {
  error(members: object, message: string): void;
  warn(members: object, message: string): void;
  info(members: object, message: string): void;
  debug(members: object, message: string): void;
}
export const Logger = Symbol('Logger');
