import { AppError } from '../../domain/errors.js';
import { MAX_CONTENT_TYPE_BYTES } from '../../domain/limits.js';

/** Throws `invalid` for a content type that is too long to be stored. */
export function requireValidContentType(contentType: string): void {
  if (contentType.length <= MAX_CONTENT_TYPE_BYTES) return;
  throw new AppError('invalid', `Content-Type may have at most ${MAX_CONTENT_TYPE_BYTES} bytes`);
}
