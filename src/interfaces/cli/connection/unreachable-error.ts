import { AppError } from '../../../domain/errors.js';

/** No server of PortKV gave a whole response: nothing listens, another program does, or the connection broke. */
export class UnreachableError extends AppError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', message.replace(/\s*\n\s*/g, ' ').trim(), { cause });
  }
}
