import { AppError } from '../../../domain/errors.js';
import { afterKey, afterPrefix, prefixOfBound } from '../../../domain/key.js';

/** A cursor for the next page of a list: opaque to clients, valid for one project and one direction only. */
export function cursorOf(project: string, next: string, reverse = false): string {
  return Buffer.from(`${project} ${reverse ? `<${next}` : forward(next)}`).toString('base64url');
}

function forward(next: string): string {
  const prefix = prefixOfBound(next);
  return prefix === undefined ? `=${next.slice(0, -1)}` : `>${prefix}`;
}

/** Decodes a cursor. Throws `invalid` for anything that `cursorOf` did not make for this project and direction. */
export function readCursor(project: string, cursor: string, reverse = false): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const place = text.slice(project.length + 2);
  const next = reverse ? place : text[project.length + 1] === '>' ? afterPrefix(place) : afterKey(place);
  if (place === '' || cursorOf(project, next, reverse) !== cursor) {
    const direction = reverse ? 'with reverse=true' : 'without reverse';
    throw new AppError('invalid', `query parameter "cursor" was not returned by this list ${direction}`, {
      details: { parameter: 'cursor' },
    });
  }
  return next;
}
