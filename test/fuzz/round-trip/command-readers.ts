import { entryMeta } from '../../../src/domain/json/entry-meta.js';
import { isJsonType } from '../../../src/domain/value.js';
import { ALL, type KeptEntry, type Reader, type ShownEntry } from './kept-entry.js';
import { command, type ServerWorld } from './server-world.js';
import { keyedItem } from './shown-json.js';

/** The commands that read an entry. */
export const commandReaders: readonly Reader<ServerWorld>[] = [
  {
    name: 'portkv get',
    routes: ['getValueByQuery'],
    most: 3,
    shows: ['value'],
    read: async (world, keys) => {
      const shown = new Map<string, ShownEntry>();
      for (const key of keys) shown.set(key, { value: [(await command(world, 'get', [], [key])).bytes] });
      return shown;
    },
  },
  {
    name: 'portkv get --json',
    routes: ['getValueByQuery'],
    most: 3,
    shows: ALL,
    takes: isOneLine,
    read: async (world, keys) => {
      const shown = new Map<string, ShownEntry>();
      for (const key of keys) {
        const [found, entry] = keyedItem((await command(world, 'get', ['--json'], [key])).out);
        // As in the header, with escapes that are not stored.
        shown.set(found, { ...entry, meta: entry.meta && entryMeta(entry.meta, 'meta') });
      }
      return shown;
    },
  },
];

/** It prints one line, and for that replaces line feeds between the parts of JSON. */
function isOneLine({ value, contentType }: KeptEntry): boolean {
  return !isJsonType(contentType) || !/[\r\n]/.test(value.toString());
}
