import { isatty } from 'node:tty';
import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import { isColorSupported, prettyFactory } from 'pino-pretty';
import type { Logger } from '../../application/ports/logger.js';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

/** `auto` is pretty on a terminal and JSON lines elsewhere. */
export interface LogOptions {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly format: (typeof LOG_FORMATS)[number];
}

const STDERR = 2;

/**
 * A logger that writes to standard error: standard output is for what a command was asked for, such as the address and the new
 * keys, so that each can be redirected alone. Lines are written at once, so that an exit loses none.
 */
export function pinoLogger({ level, format }: LogOptions): Logger {
  const terminal = isatty(STDERR);
  const lines = destination({ dest: STDERR, sync: true });
  const pretty = format === 'pretty' || (format === 'auto' && terminal);
  const log = pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pretty ? prettified(lines, terminal && isColorSupported) : lines,
  );
  return {
    error: (members, message) => log.error(members, message),
    warn: (members, message) => log.warn(members, message),
    info: (members, message) => log.info(members, message),
    debug: log.isLevelEnabled('debug') ? (members, message) => log.debug(members, message) : undefined,
  };
}

function prettified(lines: DestinationStream, colorize: boolean): DestinationStream {
  const pretty = prettyFactory({ colorize, translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => lines.write(pretty(line)) };
}
