import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The longest names of files, in bytes with the extension, for file systems with different limits: most hold names of
 * 255 bytes, those that encrypt names 143 and more, and 70 have room for a hash. `kept` is how much of a longer name
 * stands before its hash, for people to recognise.
 */
const LENGTHS = [
  { max: 205, kept: 120 },
  { max: 143, kept: 72 },
  { max: 70, kept: 0 },
] as const;
/** Names that Windows reserves, whatever their extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/;

export const FILE_EXTENSION = '.json';
/** PortKV's folder in the shared one, for the lock and for what is unfinished. */
export const OWN_FOLDER = '.portkv';

/**
 * All names that the file of a key may have, the longest first. `a-z 0-9 _ -` and dots inside stay as they are, every
 * other byte of its UTF-8 becomes `%xx`. If that is too long: its beginning, `~` and the key's SHA-256. No two keys
 * share a name, also on file systems that ignore case.
 */
export function fileNamesOf(key: string): string[] {
  const name = escapeKey(key);
  const length = name.length + FILE_EXTENSION.length;
  if (length <= 70) return [name + FILE_EXTENSION];
  const hash = createHash('sha256').update(key).digest('hex');
  const names = LENGTHS.map(({ max, kept }) =>
    length <= max ? name + FILE_EXTENSION : `${name.slice(0, kept).replace(/%.?$/, '')}~${hash}${FILE_EXTENSION}`,
  );
  return [...new Set(names)];
}

/** Which file of a folder a key has, on a file system with a longest name. */
export class FileNames {
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Those that fit, the longest first. */
  all(key: string): string[] {
    return fileNamesOf(key).filter((name) => name.length <= this.#maxBytes);
  }

  /**
   * The file that is there, which a file system with another limit may have named, or else the one to be made.
   * Undefined if none of its names fits.
   */
  of(key: string): string | undefined {
    const names = this.all(key);
    return names.length < 2 ? names[0] : (names.find((name) => this.#exists(name)) ?? names[0]);
  }

  /** Why no file can have the key. */
  problemOf(key: string): string {
    const needed = fileNamesOf(key).at(-1)?.length;
    return (
      `The key is too long for the file system of this project: it needs a file name of ${needed} bytes, ` +
      `and names have at most ${this.#maxBytes} there`
    );
  }

  #exists(name: string): boolean {
    return lstatSync(join(this.#folder, name), { throwIfNoEntry: false }) !== undefined;
  }
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
