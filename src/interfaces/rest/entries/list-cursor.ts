import { afterPrefix, prefixOfBound } from '../../../application/entries/list-entries.js';
import { AppError } from '../../../domain/errors.js';

/** A cursor for the next page of a list: opaque to clients, valid for one project only. */
export function cursorOf(project: string, after: string): string {
  const prefix = prefixOfBound(after);
  const place = prefix === undefined ? `=${after}` : `>${prefix}`;
  return Buffer.from(`${project} ${place}`).toString('base64url');
}

/** Decodes a cursor. Throws `invalid` for anything that `cursorOf` did not make for this project. */
export function readCursor(project: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const place = text.slice(project.length + 2);
  const after = text[project.length + 1] === '>' ? afterPrefix(place) : place;
  if (after === '' || cursorOf(project, after) !== cursor) {
    throw new AppError('invalid', 'query parameter "cursor" is none that this list gave', {
      details: { parameter: 'cursor' },
    });
  }
  return after;
}
