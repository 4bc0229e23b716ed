import { isatty } from 'node:tty';
import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
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
export async function pinoLogger({ level, format }: LogOptions): Promise<Logger> {
  const terminal = isatty(STDERR);
  const lines = destination({ dest: STDERR, sync: true });
  const pretty = format === 'pretty' || (format === 'auto' && terminal);
  const log = pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pretty ? await prettified(lines, terminal) : lines,
  );
  return {
    error: (members, message) => log.error(members, message),
    warn: (members, message) => log.warn(members, message),
    info: (members, message) => log.info(members, message),
    debug: log.isLevelEnabled('debug') ? (members, message) => log.debug(members, message) : undefined,
  };
}

async function prettified(lines: DestinationStream, terminal: boolean): Promise<DestinationStream> {
  const { isColorSupported, prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({ colorize: terminal && isColorSupported, translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => lines.write(pretty(line)) };
}
