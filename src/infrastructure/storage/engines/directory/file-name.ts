import { createHash } from 'node:crypto';

/** Longest name without a hash, in characters; file systems allow 255 with the extension. */
const MAX_NAME_CHARS = 200;
/** How much of a longer name is kept, for people to recognise. */
const KEPT_CHARS = 120;
/** Names that Windows reserves, whatever their extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/;

export const FILE_EXTENSION = '.json';
/** PortKV's folder in the shared one, for the lock and for what is unfinished. */
export const OWN_FOLDER = '.portkv';

/**
 * The name of the file of a key: `a-z 0-9 _ -` and dots inside stay as they are, every other byte of its UTF-8 becomes
 * `%xx`. If that is too long: its beginning, `~` and the key's SHA-256. No two keys share a name, also on file systems
 * that ignore case.
 */
export function fileNameOf(key: string): string {
  const name = escapeKey(key);
  if (name.length <= MAX_NAME_CHARS) return name + FILE_EXTENSION;
  const kept = name.slice(0, KEPT_CHARS).replace(/%.?$/, '');
  return `${kept}~${createHash('sha256').update(key).digest('hex')}${FILE_EXTENSION}`;
}

function escapeKey(key: string): string {
  const name = Buffer.from(key)
    .toString('latin1')
    .replace(/[^a-z0-9_.-]|^\./g, escapeByte);
  return RESERVED.test(name) ? escapeByte(name.charAt(0)) + name.slice(1) : name;
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
