import { AppError } from '../../../../domain/errors.js';
import type { ApiRequest } from '../../routing/route.js';

/** The end of the path of a base: what is below it is meant. */
const BASE = /[:/\\]$/;

/** Whether the path names a base, whose keys are listed or removed, and no item. */
export function isBase({ path }: ApiRequest): boolean {
  return path.item === '' || BASE.test(path.item as string);
}

/** The prefix of the keys below a base; empty for all keys. */
export function basePrefix({ path }: ApiRequest): string {
  const base = normalized(path.item as string);
  return base === '' ? '' : `${base}:`;
}

/** The key of an item. Throws `invalid` for a base. */
export function itemKey(request: ApiRequest): string {
  if (isBase(request)) throw new AppError('invalid', `${request.method} needs the key of an item; this is a base`);
  return normalized(request.path.item as string);
}

/** Whether an entry can be an item: unstorage has no other way to write its key. */
export function isItemKey(key: string): boolean {
  return key !== '' && normalized(key) === key;
}

/** As unstorage does it: the parts of a key are separated by colons. */
function normalized(path: string): string {
  return path.replaceAll(/[/\\:]+/g, ':').replaceAll(/^:|:$/g, '');
}
