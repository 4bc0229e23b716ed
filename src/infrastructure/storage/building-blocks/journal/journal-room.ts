import type { GroupRoom } from '../group-commit.js';
import { changeBytes } from './change-frame.js';
import type { Journal } from './journal.js';

/** The room for groups that become a frame of a journal, as of `encodeChanges`. */
export function journalRoom(journal: Journal): GroupRoom {
  const use = (puts: boolean) => (puts ? 'put' : 'remove');
  return {
    bytesOf({ put = [], remove = [] }) {
      const removed = remove.reduce((sum, key) => sum + changeBytes(key, undefined), 0);
      return put.reduce((sum, entry) => sum + changeBytes(entry.key, entry), removed);
    },
    has: (bytes, puts) => journal.hasRoomFor(bytes, use(puts)),
    make: (bytes, puts) => journal.reserve(bytes, use(puts)),
  };
}
