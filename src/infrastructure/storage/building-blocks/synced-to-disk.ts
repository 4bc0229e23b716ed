/** What an engine says of commits that it syncs to a disk of this machine before it acknowledges them. */
export const SYNCED_TO_DISK =
  'survives a crash of this machine, as long as its disk is whole: it is synced before the answer';
