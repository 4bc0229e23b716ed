import type { Entry } from './entry.js';

/** One change of one entry, as the change feed tells it. */
export interface Change {
  readonly event: 'put' | 'delete' | 'expire';
  readonly key: string;
  /** Of the entry put, or the one issued for its removal. */
  readonly version: number;
  /** Of the value put; 0 for a removal. */
  readonly sizeBytes: number;
  /** What was put, while it is news; changes that are kept for later readers have none. */
  readonly entry?: Entry;
}
