import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { syncFolder } from '../../../files/durable-file.js';
import {
  type FileSystem,
  ORDINARY_FILE_SYSTEM,
  probeFileSystem,
  reportFileSystem,
} from '../../../files/file-system.js';
import { refuseLink } from '../../../files/refuse-link.js';
import { diskError, isFull, NoRoomError } from '../../../files/storage-errors.js';
import type { SegmentReserve } from '../../building-blocks/journal/segment-reserve.js';
import type { FileChange } from './entry-file.js';
import { FileNames, OWN_FOLDER } from './file-name.js';
import { FolderLock } from './folder-lock.js';
import { IntentLog } from './intent-log.js';
import { type EntryPlace, PreparedFiles } from './prepared-files.js';
import { Tombstones } from './tombstones.js';

/** What a writer knows of the place of its folder. */
export interface WriterSurroundings {
  /** What its file system can do, if that was probed already. */
  readonly fileSystem?: FileSystem | undefined;
  /** For what only removes, when the disk is full. */
  readonly reserve?: SegmentReserve | undefined;
  readonly log: Logger;
}

/** Writes the files of a folder that other processes may write as well. */
export class FolderWriter {
  readonly #folder: string;
  readonly #own: string;
  readonly #lock: FolderLock;
  readonly #intent: IntentLog;
  readonly #tombstones: Tombstones;
  readonly #log: Logger;
  #fileSystem: FileSystem = ORDINARY_FILE_SYSTEM;

  private constructor(folder: string, lock: FolderLock, { reserve, log }: WriterSurroundings) {
    this.#folder = folder;
    this.#own = join(folder, OWN_FOLDER);
    this.#lock = lock;
    this.#intent = new IntentLog(this.#own, reserve);
    this.#tombstones = new Tombstones(this.#own);
    this.#log = log;
  }

  /** Finishes what a dead process committed and removes what it did not. `lockTimeout` is read at each lock, in ms. */
  static async open(folder: string, lockTimeout: () => number, around: WriterSurroundings): Promise<FolderWriter> {
    const own = join(folder, OWN_FOLDER);
    await refuseLink(own);
    await mkdir(own, { recursive: true, mode: 0o700 });
    await syncFolder(folder);
    const lock = await FolderLock.open(join(own, 'lock'), lockTimeout);
    const writer = new FolderWriter(folder, lock, around);
    try {
      await lock.run(async () => {
        for (const name of await readdir(own)) if (name.endsWith('.tmp')) await rm(join(own, name));
        writer.#fileSystem = around.fileSystem ?? (await writer.#probe());
        await writer.#finishIntent();
      });
      return writer;
    } catch (error) {
      await lock.close();
      throw error;
    }
  }

  get fileSystem(): FileSystem {
    return this.#fileSystem;
  }

  /** Runs a task under the lock, after what a dead process committed is finished. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#lock.run(async () => {
      try {
        await this.#finishIntent();
      } catch (error) {
        throw diskError(error, `${this.#folder}: what a commit began cannot be finished`);
      }
      return task();
    });
  }

  /**
   * Makes the changes durable as one. Used under the lock. All room that they need is taken first: rejects with
   * `NoRoomError`, with every file as it was, if there is none.
   */
  async write(changes: readonly FileChange[]): Promise<void> {
    const removed = changes.filter(({ entry }) => entry === undefined).map(({ key }) => key);
    if (removed.length > 0) await this.#recordDeletes(removed);
    await this.#intent.reserve();
    const files = await this.#prepare(changes);
    if (changes.length > 1) await this.#intent.commit();
    await files.apply();
    if (changes.length > 1) await this.#intent.remove();
  }

  /** Waits for the tasks that run. */
  close(): Promise<void> {
    return this.#lock.close();
  }

  async #finishIntent(): Promise<void> {
    const unfinished = this.#intent.read();
    if (unfinished === undefined) return;
    const files = await PreparedFiles.write(this.#place(), unfinished);
    await files.apply();
    await this.#intent.remove();
  }

  async #prepare(changes: readonly FileChange[]): Promise<PreparedFiles> {
    let files: PreparedFiles | undefined;
    try {
      files = await PreparedFiles.write(this.#place(), changes);
      if (changes.length > 1) await this.#intent.prepare(changes);
      return files;
    } catch (error) {
      await files?.discard();
      throw isFull(error) ? new NoRoomError(`${this.#folder}: no space is left on the disk`, error) : error;
    }
  }

  #place(): EntryPlace {
    const names = new FileNames(this.#folder, this.#fileSystem.maxNameBytes);
    return { folder: this.#folder, own: this.#own, names };
  }

  /** Under the lock, so that no other process uses the folder of the probe. */
  async #probe(): Promise<FileSystem> {
    const found = await probeFileSystem(this.#own, 'probe');
    reportFileSystem(this.#folder, found, this.#log);
    return found;
  }

  /** A failure is only logged: a full disk must not prevent deletes. */
  async #recordDeletes(keys: readonly string[]): Promise<void> {
    await this.#tombstones.record(keys).catch((error: unknown) => {
      this.#log.warn({ folder: this.#folder, error }, 'a delete could not be noted for other programs');
    });
  }
}
