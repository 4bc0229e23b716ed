import type { KeySource } from '../../../domain/project.js';
import type { Cipher } from '../cipher.js';

/** The description of a snapshot. */
export interface SnapshotRecord {
  readonly id: string;
  /** The moment of its content, in ms since 1970. */
  readonly createdAt: number;
  /** The number of entries in it. */
  readonly count: number;
  /** The size of its file. */
  readonly bytes: number;
  /** SHA-256 of its file, in hexadecimal. */
  readonly sha256: string;
  /** The engine that the project had. */
  readonly engine: string;
  /** Whether a client asked for it, or the project's settings. */
  readonly reason: 'manual' | 'routine';
  /** The source of its encryption keys, if it is encrypted. */
  readonly encryption?: KeySource;
  /** The name of the server that has its file, if there are several. */
  readonly server?: string;
}

/** The part of the description that is known before the snapshot is written. */
export type SnapshotHead = Pick<SnapshotRecord, 'id' | 'createdAt' | 'engine' | 'reason' | 'encryption'>;

/**
 * Stores snapshots: compressed exports. After a crash each is whole or does not exist. Servers that share a registry
 * list those of all of them; each has the files of those that it took.
 */
export interface SnapshotStorage {
  /** Earliest first. A snapshot whose record cannot be read is left out, with a warning. */
  list(project: string): Promise<readonly SnapshotRecord[]>;
  /** Writes the pieces durably, encrypted if a cipher is given; `count` is called when they have ended. */
  write(
    project: string,
    head: SnapshotHead,
    pieces: AsyncIterable<Buffer>,
    count: () => number,
    cipher: Cipher | undefined,
  ): Promise<SnapshotRecord>;
  /** The export in it. Rejects with `unavailable`, at the end at the latest, if the file was changed. */
  read(project: string, snapshot: SnapshotRecord, cipher: Cipher | undefined): AsyncIterable<Uint8Array>;
  /** Throws `OtherServerError` if this server does not have its file. */
  requireHere(project: string, snapshot: SnapshotRecord): void;
  /** Also if another server has the file, which that one removes then. */
  remove(project: string, id: string): Promise<void>;
  /** Removes all snapshots of a project that this server has. */
  removeAll(project: string): Promise<void>;
}
export const SnapshotStorage = Symbol('SnapshotStorage');
