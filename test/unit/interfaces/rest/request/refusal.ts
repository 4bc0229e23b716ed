import { AppError } from '../../../../../src/domain/errors.js';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
}

/** The error with which a body is refused; undefined if it is read. Throws what is no `AppError`. */
export function refusalOf(read: (body: Buffer) => unknown, body: string): Refusal | undefined {
  try {
    read(Buffer.from(body));
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, details } = error;
    return { code, message, details };
  }
}

/** The mistakes that a body is refused for, each as `path: message`; none if it is read. */
export function mistakesOf(read: (body: Buffer) => unknown, body: string): string[] {
  return refusalOf(read, body)?.message.split('; ') ?? [];
}
