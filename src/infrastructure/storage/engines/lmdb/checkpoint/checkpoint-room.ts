import type { GroupRoom } from '../../../building-blocks/group-commit.js';
import type { Journal } from '../../../building-blocks/journal/journal.js';
import { journalRoom } from '../../../building-blocks/journal/journal-room.js';
import type { Checkpoint } from './checkpoint.js';

/** The room for groups that become a frame of a journal, which the checkpoint copies. */
export function checkpointRoom(journal: Journal, checkpoint: Checkpoint): GroupRoom {
  const room = journalRoom(journal);
  return {
    bytesOf: room.bytesOf,
    has: (bytes, puts) => checkpoint.accepts(puts) && room.has(bytes, puts),
    make: async (bytes, puts) => {
      await checkpoint.catchUp(puts);
      await room.make(bytes, puts);
    },
  };
}
