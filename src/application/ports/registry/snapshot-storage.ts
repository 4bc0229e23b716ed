import type { KeySource } from '../../../domain/project.js';
import type { Cipher } from '../cipher.js';

/** What is known of a snapshot without reading it. */
export interface SnapshotRecord {
  readonly id: string;
  /** The moment that it is as of, in ms since 1970. */
  readonly createdAt: number;
  /** Entries in it. */
  readonly count: number;
  /** Size of its file. */
  readonly bytes: number;
  /** SHA-256 of its file, in hexadecimal. */
  readonly sha256: string;
  /** The engine that the project had. */
  readonly engine: string;
  /** Whether somebody asked for it, or the project's settings. */
  readonly reason: 'manual' | 'routine';
  /** Where the keys are that it is encrypted with, if it is. */
  readonly encryption?: KeySource;
}

/** What is known of a snapshot before it is written. */
export type SnapshotHead = Pick<SnapshotRecord, 'id' | 'createdAt' | 'engine' | 'reason' | 'encryption'>;

/** Where snapshots are kept: exports, compressed. Each is there whole or not at all, whatever a crash does. */
export interface SnapshotStorage {
  /** Earliest first. One whose record cannot be read is left out, with a warning. */
  list(project: string): Promise<readonly SnapshotRecord[]>;
  /** Keeps what the pieces bring, durably, encrypted where there is a cipher; `count` is asked when they have ended. */
  write(
    project: string,
    head: SnapshotHead,
    pieces: AsyncIterable<Buffer>,
    count: () => number,
    cipher: Cipher | undefined,
  ): Promise<SnapshotRecord>;
  /** The export in it. Rejects with `unavailable`, at the end at the latest, where the file is not what was written. */
  read(project: string, snapshot: SnapshotRecord, cipher: Cipher | undefined): AsyncIterable<Uint8Array>;
  remove(project: string, id: string): Promise<void>;
  /** Removes all snapshots of a project. */
  removeAll(project: string): Promise<void>;
}
export const SnapshotStorage = Symbol('SnapshotStorage');
