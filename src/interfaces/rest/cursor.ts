import { AppError } from '../../domain/errors.js';

/** Where a list goes on: opaque to clients, good for one project only. */
export function cursorOf(project: string, after: string): string {
  return Buffer.from(`${project} ${after}`).toString('base64url');
}

/** What `cursorOf` was made from; `invalid` for anything that it did not make for this project. */
export function readCursor(project: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const after = text.slice(project.length + 1);
  if (after === '' || cursorOf(project, after) !== cursor) {
    throw new AppError('invalid', 'query parameter "cursor" is none that this list gave', {
      details: { parameter: 'cursor' },
    });
  }
  return after;
}
