import type { Entry } from '../operations/read-entry.js';

/** What every dialog about one entry gets. */
export interface EntryDialogProps {
  readonly project: string;
  readonly entry: Entry;
  readonly onClose: () => void;
  /** Says what was done. */
  readonly onDone: (text: string) => void;
}
