import { isatty } from 'node:tty';
import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import type { Logger } from '../../application/ports/logger.js';
import { ErrorOutput } from './error-output.js';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

export interface LogOptions {
  readonly level: (typeof LOG_LEVELS)[number];
  /** `auto`: pretty on a terminal, JSON lines elsewhere. */
  readonly format: (typeof LOG_FORMATS)[number];
}

/** A logger whose level can be changed while it is used. */
export interface AdjustableLogger extends Logger {
  setLevel(level: LogOptions['level']): void;
}

const STDERR = 2;

/**
 * A logger that writes to standard error. Standard output is for the results of a command, such as the address and the
 * new keys, so that each can be redirected on its own. Each line names the server, if it has a name.
 */
export async function pinoLogger({ level, format }: LogOptions, node?: string): Promise<AdjustableLogger> {
  const terminal = isatty(STDERR);
  const lines = new ErrorOutput();
  const pretty = format === 'pretty' || (format === 'auto' && terminal);
  const log = pino(
    {
      level,
      base: node === undefined ? null : { node },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pretty ? await prettyStream(lines, terminal) : lines,
  );
  const debug: Logger['debug'] = (members, message) => log.debug(members, message);
  return {
    error: (members, message) => log.error(members, message),
    warn: (members, message) => log.warn(members, message),
    info: (members, message) => log.info(members, message),
    get debug() {
      return log.isLevelEnabled('debug') ? debug : undefined;
    },
    setLevel: (next) => {
      log.level = next;
    },
  };
}

async function prettyStream(lines: DestinationStream, terminal: boolean): Promise<DestinationStream> {
  const { isColorSupported, prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({ colorize: terminal && isColorSupported, translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => lines.write(pretty(line)) };
}
