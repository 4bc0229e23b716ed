import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../../../domain/entry.js';
import { MalformedDataError } from '../../building-blocks/storage-errors.js';
import { readEntry } from './entry-file.js';
import { ENDING, fileNameOf } from './file-name.js';

/** Whether a file in the folder is one of an entry. */
export function isEntryFile(name: string): boolean {
  return name.endsWith(ENDING) && !name.startsWith('.');
}

/** The entry in a file of that name, and what tells whether the file changed. Throws `Misshapen`, or the error of the file system. */
export function readEntryFile(folder: string, name: string): { entry: Entry; stamp: string } {
  const file = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file, { bigint: true });
    if (!stat.isFile()) throw new MalformedDataError('is no file', 0);
    const entry = readEntry(contentOf(file, Number(stat.size)), stat.mtimeNs);
    const right = fileNameOf(entry.key);
    if (right !== name) throw new MalformedDataError(`holds a key whose file has to be ${right}`, 0);
    return { entry, stamp: stampOf(stat) };
  } finally {
    closeSync(file);
  }
}

/** Differs once a file was changed. */
export function stampOf({ mtimeNs, ctimeNs, ino, size }: BigIntStats): string {
  return `${mtimeNs} ${ctimeNs} ${ino} ${size}`;
}

/** A file that is cut off meanwhile gives less; one that grows is read again once its new stamp is seen. */
function contentOf(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  for (let read = 1; length < size && read > 0; length += read)
    read = readSync(file, bytes, length, size - length, null);
  return bytes.subarray(0, length);
}
