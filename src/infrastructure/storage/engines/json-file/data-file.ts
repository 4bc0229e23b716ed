import { afterKey } from '../../../../domain/key.js';
import { replaceFile } from '../../../files/durable-file.js';
import { cutOffFile, malformedFile } from '../../../files/malformed-file.js';
import { MalformedDataError, toStorageError } from '../../../files/storage-errors.js';
import { writeAll } from '../../../files/write-all.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import type { OrderedTable } from '../../building-blocks/ordered-table.js';
import { FileWindow } from './file-window.js';

const PAGE_LIMIT = 256;
/** Characters that are written at once; between two chunks other work can run. */
const CHUNK_CHARS = 1024 * 1024;

/** Reads a store file into an empty table and returns the size of the file in bytes. Rejects with `unavailable`. */
export async function readDataFile(path: string, table: OrderedTable): Promise<number> {
  const scanner = new StoreScanner((_key, entry, at) => {
    if (entry !== undefined && !table.add(entry)) throw new MalformedDataError('has a key twice', at);
  }, false);
  try {
    return await FileWindow.over(path, async (window) => {
      for (let consumed = 0; await window.advance(consumed); ) consumed = scan(scanner, window);
      if (!scanner.ended) throw await cutOffFile(path, window.offset, window.bytes);
      table.added();
      return window.offset;
    });
  } catch (error) {
    throw error instanceof MalformedDataError ? await malformedFile(path, error) : toStorageError(path, error);
  }
}

function scan(scanner: StoreScanner, window: FileWindow): number {
  try {
    return scanner.scan(window.bytes);
  } catch (error) {
    if (!(error instanceof MalformedDataError)) throw error;
    throw new MalformedDataError(error.why, window.offset + error.at);
  }
}

/**
 * Replaces the store file by one of what is in the table, one entry per line, and returns its size in bytes. What is
 * committed meanwhile may be in it or not.
 */
export async function writeDataFile(path: string, table: OrderedTable): Promise<number> {
  let bytes = 0;
  await replaceFile(path, async (file) => {
    for (const chunk of chunks(table)) bytes += await writeAll(file, Buffer.from(chunk));
  });
  return bytes;
}

function* chunks(table: OrderedTable): Generator<string> {
  let text = '{';
  let after: string | undefined;
  for (;;) {
    const page = table.scan(
      after === undefined ? { limit: PAGE_LIMIT } : { start: afterKey(after), limit: PAGE_LIMIT },
    );
    for (const entry of page) {
      text += `${after === undefined ? '\n' : ',\n'}${itemText(entry, false)}`;
      after = entry.key;
      if (text.length < CHUNK_CHARS) continue;
      yield text;
      text = '';
    }
    if (page.length < PAGE_LIMIT) break;
  }
  yield `${text}${after === undefined ? '' : '\n'}}\n`;
}
