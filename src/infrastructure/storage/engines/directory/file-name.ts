import { createHash } from 'node:crypto';

/** Longest part of a name that stands for the key itself, in characters; file systems allow 255 with the ending. */
const LONGEST = 200;
/** How much of a longer one is kept, for people to recognise. */
const SHOWN = 120;
/** Names that Windows reserves, whatever their ending. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/;

export const ENDING = '.json';
/** The folder in the folder, for the lock and what is not done yet. */
export const OWN = '.portkv';

/**
 * The name of the file that holds a key: `a-z 0-9 _ -` and dots inside stand for themselves, every other byte of its UTF-8 as `%xx`. Where that
 * is too long, its beginning, `~` and the key's SHA-256. No two keys share a name, on file systems that ignore case neither.
 */
export function fileNameOf(key: string): string {
  const name = safe(key);
  if (name.length <= LONGEST) return name + ENDING;
  const shown = name.slice(0, SHOWN).replace(/%.?$/, '');
  return `${shown}~${createHash('sha256').update(key).digest('hex')}${ENDING}`;
}

function safe(key: string): string {
  const name = Buffer.from(key)
    .toString('latin1')
    .replace(/[^a-z0-9_.-]|^\./g, hex);
  return RESERVED.test(name) ? hex(name.charAt(0)) + name.slice(1) : name;
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
