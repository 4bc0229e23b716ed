import { isatty } from 'node:tty';
import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import type { Logger } from '../../application/ports/logger.js';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

export interface LogOptions {
  readonly level: (typeof LOG_LEVELS)[number];
  /** `auto`: pretty on a terminal, JSON lines elsewhere. */
  readonly format: (typeof LOG_FORMATS)[number];
}

const STDERR = 2;

/**
 * A logger that writes to standard error. Standard output is for the results of a command, such as the address and the
 * new keys, so that each can be redirected on its own. Lines are written synchronously, so that an exit loses none.
 */
export async function pinoLogger({ level, format }: LogOptions): Promise<Logger> {
  const terminal = isatty(STDERR);
  const lines = destination({ dest: STDERR, sync: true });
  const pretty = format === 'pretty' || (format === 'auto' && terminal);
  const log = pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pretty ? await prettyStream(lines, terminal) : lines,
  );
  return {
    error: (members, message) => log.error(members, message),
    warn: (members, message) => log.warn(members, message),
    info: (members, message) => log.info(members, message),
    debug: log.isLevelEnabled('debug') ? (members, message) => log.debug(members, message) : undefined,
  };
}

async function prettyStream(lines: DestinationStream, terminal: boolean): Promise<DestinationStream> {
  const { isColorSupported, prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({ colorize: terminal && isColorSupported, translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => lines.write(pretty(line)) };
}
