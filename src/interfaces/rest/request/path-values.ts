import { AppError } from '../../../domain/errors.js';
import type { ApiRequest } from '../routing/route.js';

/** The project that the path names. */
export function projectOf(request: ApiRequest): string {
  return request.path.project as string;
}

/** The entry's key, from the path or from `?key=`, for keys that clients would rewrite in a path. Throws `invalid`. */
export function keyOf(request: ApiRequest): string {
  const key = request.path.key ?? (request.query as { key?: string }).key;
  if (key === undefined) throw new AppError('invalid', 'query parameter "key" is missing');
  return key;
}
