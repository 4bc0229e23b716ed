import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Entry } from '../../../../domain/entry.js';
import { decodeRecord, verifyRecord } from '../../building-blocks/entry-record.js';
import { type Metadata, parseMetadata } from './environment/metadata.js';
import { CorruptFileError, type Header, readHeader, type Tree } from './pages/file-header.js';
import { claimFreePages, namedTrees } from './pages/named-trees.js';
import { PageWalk } from './pages/page-walk.js';

/**
 * Reads a whole data file and compares everything in it that can be compared: the trees, the checksum of each entry,
 * the expiry index and the size with the entries. Throws `CorruptFileError`, or the error of the file system. `closed`
 * as in `readHeader`; `visit` is called with every entry. Returns what is stored beside the entries.
 */
export function checkFile(path: string, closed = true, visit?: (entry: Entry) => void): Metadata {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(fd);
    const header = readHeader(fd, size, closed);
    const pages = new PageWalk(fd, header);
    const metadata = checkTrees(pages, header, visit);
    pages.finish(size);
    return metadata;
  } finally {
    closeSync(fd);
  }
}

function checkTrees(pages: PageWalk, header: Header, visit?: (entry: Entry) => void): Metadata {
  const { entries, expiry, meta } = namedTrees(pages, header.main);
  const found = checkEntries(pages, entries, visit);
  const index = checkIndex(pages, expiry);
  if (found.expiring !== index) throw new CorruptFileError('the expiry index does not match the entries');
  let metadata: Metadata | undefined;
  pages.walk(meta, (_key, value) => {
    metadata = parseMetadata(value);
    const { keys, bytes } = metadata;
    if (keys !== entries.entries || bytes !== found.bytes)
      throw new CorruptFileError('the size does not match the entries');
  });
  claimFreePages(pages, header.free);
  if (metadata === undefined) throw new CorruptFileError('the size is missing');
  return metadata;
}

/**
 * Verifies each entry. Returns the sum of sizes and that of one checksum per expiry, which does not depend on the
 * order.
 */
function checkEntries(pages: PageWalk, tree: Tree, visit?: (entry: Entry) => void) {
  const time = Buffer.alloc(8);
  const sum = { bytes: 0, expiring: 0 };
  pages.walk(tree, (key, record) => {
    const { bytes, expiresAt } = verifyRecord(key, record);
    sum.bytes += bytes;
    visit?.(decodeRecord(key.toString(), record));
    if (expiresAt === undefined) return;
    time.writeDoubleBE(expiresAt);
    sum.expiring = (sum.expiring + crc32(key, crc32(time))) % 0x1_0000_0000;
  });
  return sum;
}

function checkIndex(pages: PageWalk, tree: Tree): number {
  let sum = 0;
  pages.walk(tree, (key) => {
    sum = (sum + crc32(key)) % 0x1_0000_0000;
  });
  return sum;
}
