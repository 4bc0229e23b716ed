import { AppError } from '../../../domain/errors.js';

/**
 * In a body of more bytes only the first mistake is named, otherwise at most `MAX_MISTAKES`: the response must not grow
 * with the millions of mistakes that a client can send.
 */
const MAX_EXPLAINED = 64 * 1024;
const MAX_MISTAKES = 100;

/** A mistake in a member of a body, named by its path: `operations[2].put.key`. */
export interface BodyMistake {
  readonly path: string;
  readonly message: string;
}

/** Whether every mistake of a body is named. */
export function isExplained(body: Buffer): boolean {
  return body.length <= MAX_EXPLAINED;
}

/** Throws `invalid` if there are mistakes, naming each; only the first ones if there are many or the body is large. */
export function requireNoMistakes(body: Buffer, mistakes: Iterable<BodyMistake>): void {
  const limit = isExplained(body) ? MAX_MISTAKES : 1;
  const errors: BodyMistake[] = [];
  for (const mistake of mistakes) if (errors.push(mistake) >= limit) break;
  if (errors.length === 0) return;
  throw new AppError('invalid', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
    details: { path: errors[0]?.path, errors },
  });
}

/** The end of a message about a wrong value: `, not "x"`; empty for objects and lists. */
export function notThis(value: unknown): string {
  if (typeof value === 'object' && value !== null) return '';
  return `, not ${String(JSON.stringify(value)).slice(0, 100)}`;
}
