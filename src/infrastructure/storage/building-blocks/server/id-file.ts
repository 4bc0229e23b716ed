import { readFile } from 'node:fs/promises';
import { replaceFile } from '../../../files/durable-file.js';
import { diskError } from '../../../files/storage-errors.js';

/** The id in a file; undefined if the file is missing. `purpose` is for the message. Rejects with `unavailable`. */
export async function readIdFile(path: string, purpose: string): Promise<string | undefined> {
  try {
    const { id } = JSON.parse(await readFile(path, 'utf8')) as { id?: unknown };
    if (typeof id !== 'string' || id === '') throw new Error('it has no id');
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskError(error, `cannot read ${path}, ${purpose}`);
  }
}

/** Writes it durably. Rejects with `unavailable` or `insufficient_storage`. */
export async function writeIdFile(path: string, id: string): Promise<void> {
  try {
    await replaceFile(path, (file) => file.writeFile(`${JSON.stringify({ id }, null, 2)}\n`));
  } catch (error) {
    throw diskError(error, `cannot write ${path}`);
  }
}
