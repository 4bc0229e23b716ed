import { relativeTime } from '../formats/time.js';
import type { Caller, Scope } from './session.js';

const RIGHTS: Record<Scope, string> = {
  read: 'read values',
  write: 'write',
  delete: 'delete',
  list: 'list keys',
  watch: 'watch changes',
  admin: 'change settings and keys',
};

/** What a key may do, in a sentence. */
export function rightsOf({ kind, scopes, prefix, expires_at }: Caller): string {
  if (kind === 'system') return 'Manages projects, keys and the server. Reads no data.';
  const all = scopes.length === Object.keys(RIGHTS).length;
  const rights = all ? 'May do everything' : `May ${joined(scopes.map((scope) => RIGHTS[scope]))}`;
  const where = prefix === null ? 'in this project' : `for keys that begin with “${prefix}”`;
  const until = expires_at === null ? '' : ` Expires ${relativeTime(expires_at)}.`;
  return `${rights} ${where}.${until}`;
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
