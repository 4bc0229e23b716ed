import { type ApiError, UNREACHABLE } from '../api/api-error.js';
import { plural } from '../formats/quantity.js';

/** What to do about an error, if that is known. */
export function adviceFor({ code, status, message, retryAfter, details }: ApiError): string | undefined {
  if (code === UNREACHABLE) return `Check that the server runs and that you are online, then try again.`;
  if (status === 429) return `Too many requests. Try again in ${plural(retryAfter ?? 60, 'second')}.`;
  if (status === 507 && details.free_bytes !== undefined) {
    return `The disk of the server is full. Free some space, or delete entries, which still works.`;
  }
  if (status === 507) return `A limit of the project, or the disk, is reached. Deleting still works.`;
  if (status === 409 && details.migration !== undefined) {
    return `The data is being moved to another engine. Follow it in the view Engine, then try again.`;
  }
  if (status === 409 && /move back/.test(message)) {
    return 'Something was written since the move. Change the engine like any other time: nothing is lost then.';
  }
  if (code === 'outcome_unknown') return 'It may have been done or not: reload this view and look.';
  if (status === 503)
    return `The project or the server cannot answer now. Try again in ${plural(retryAfter ?? 5, 'second')}.`;
  if (status === 401)
    return 'The key was deleted, replaced or has expired. Add another one under the keys of the session.';
  if (code === 'insufficient_scope') {
    return details.required_scope === 'system'
      ? 'Only the system key may do this. Add it under the keys of the session.'
      : `The key lacks the scope ${details.required_scope}. Add a key that has it under the keys of the session.`;
  }
  return undefined;
}
