import { crc32 } from 'node:zlib';
import { itemText } from '../../src/infrastructure/storage/building-blocks/entry-json/item-text.js';
import type { FrameChange } from '../../src/infrastructure/storage/building-blocks/journal/change-frame.js';

/** A line of a journal of json-file as PortKV wrote it before its journals had segments. */
export function textJournalLine(changes: readonly FrameChange[]): Buffer {
  const items = changes.map(({ key, entry }) =>
    entry === undefined ? `${JSON.stringify(key)}: null` : itemText(entry, true),
  );
  const body = Buffer.from(`{${items.join(', ')}}`);
  const checksum = crc32(body).toString(16).padStart(8, '0');
  return Buffer.concat([Buffer.from(`${checksum} `), body, Buffer.from('\n')]);
}
