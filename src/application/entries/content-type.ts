import { AppError } from '../../domain/errors.js';
import { MAX_CONTENT_TYPE_BYTES } from '../../domain/limits.js';

/** A content type that is too long to be stored. */
export class ContentTypeTooLongError extends AppError {
  constructor(readonly maxBytes: number) {
    super('invalid', `a content type has at most ${maxBytes} bytes`);
  }
}

/** Throws `invalid` for a content type that cannot be stored: it must fit into one line of any protocol. */
export function requireValidContentType(contentType: string): void {
  if (contentType.length > MAX_CONTENT_TYPE_BYTES) throw new ContentTypeTooLongError(MAX_CONTENT_TYPE_BYTES);
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(contentType)) {
    throw new AppError('invalid', 'a content type must not contain control characters');
  }
}
