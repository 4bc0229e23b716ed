import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Cipher } from '../../../application/ports/cipher.js';
import { Logger } from '../../../application/ports/logger.js';
import type {
  SnapshotHead,
  SnapshotRecord,
  SnapshotStorage,
} from '../../../application/ports/registry/snapshot-storage.js';
import { replaceFile, syncFolder } from '../../files/durable-file.js';
import { FreeSpace } from '../../files/free-space.js';
import { refuseLink } from '../../files/refuse-link.js';
import { diskError } from '../../files/storage-errors.js';
import { DataFolderPath } from '../../injection-tokens.js';
import { readArchive, writeArchive } from './snapshot-archive.js';
import { SNAPSHOT_FOLDER } from './snapshot-folder.js';
import { recordFrom, recordText } from './snapshot-record.js';

const DATA = '.ndjson.gz';
const RECORD = '.json';
const ID = /^[0-9]{8}-[0-9]{6}-[0-9]{3}(-[0-9]+)?$/;

/** Keeps snapshots as files in a folder for each project. */
@scoped(Lifecycle.ContainerScoped)
export class FileSnapshots implements SnapshotStorage {
  constructor(
    @inject(DataFolderPath) private readonly dataFolder: string,
    @inject(Logger) private readonly log: Logger,
    @inject(FreeSpace) private readonly space: Pick<FreeSpace, 'requireFor'>,
  ) {}

  async list(project: string): Promise<readonly SnapshotRecord[]> {
    const folder = await this.#folder(project);
    const records: SnapshotRecord[] = [];
    for (const name of await namesIn(folder)) {
      const id = name.endsWith(DATA) ? name.slice(0, -DATA.length) : '';
      if (!ID.test(id)) continue;
      try {
        records.push(recordFrom(id, await readFile(join(folder, id + RECORD), 'utf8')));
      } catch (error) {
        const reason = (error as Error).message;
        this.log.warn({ project, snapshot: id, reason }, 'The record of a snapshot cannot be read; it is left alone');
      }
    }
    return records.sort(bySnapshotTime);
  }

  async write(
    project: string,
    head: SnapshotHead,
    pieces: AsyncIterable<Buffer>,
    count: () => number,
    cipher: Cipher | undefined,
  ): Promise<SnapshotRecord> {
    const folder = await this.#folder(project);
    const path = join(folder, head.id + DATA);
    try {
      await this.#makeFolder(folder);
      await removeLeftovers(folder);
      return await replaceFile(path, async (file) => {
        const archive = await writeArchive(file, this.#withRoom(pieces), cipher, head.id);
        const record = { ...head, count: count(), ...archive };
        // The record first: a snapshot exists if its data does, and a record without data is a leftover.
        await replaceFile(join(folder, head.id + RECORD), (it) => it.writeFile(recordText(record)));
        return record;
      });
    } catch (error) {
      throw diskError(error, `cannot write ${path}`);
    }
  }

  /** A snapshot takes nothing of the reserve, which is for deleting, closing and recovering. */
  async *#withRoom(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      await this.space.requireFor(piece.length);
      yield piece;
    }
  }

  async *read(project: string, { id, sha256 }: SnapshotRecord, cipher: Cipher | undefined): AsyncGenerator<Uint8Array> {
    yield* readArchive(join(await this.#folder(project), id + DATA), sha256, cipher, id);
  }

  requireHere(): void {
    // All are.
  }

  async remove(project: string, id: string): Promise<void> {
    const folder = await this.#folder(project);
    try {
      await rm(join(folder, id + DATA), { force: true });
      await rm(join(folder, id + RECORD), { force: true });
      await syncFolder(folder);
    } catch (error) {
      throw diskError(error, `cannot remove ${join(folder, id + DATA)}`);
    }
  }

  async removeAll(project: string): Promise<void> {
    await removeSnapshots(this.dataFolder, project);
  }

  /** Where the snapshots of a project are. Neither it nor the folder above may be a link. */
  async #folder(project: string): Promise<string> {
    const all = join(this.dataFolder, SNAPSHOT_FOLDER);
    const folder = join(all, project);
    for (const path of [all, folder]) await refuseLink(path);
    return folder;
  }

  async #makeFolder(folder: string): Promise<void> {
    if ((await mkdir(folder, { recursive: true, mode: 0o700 })) === undefined) return;
    await syncFolder(join(this.dataFolder, SNAPSHOT_FOLDER));
    await syncFolder(this.dataFolder);
  }
}

/** Earliest first. */
export function bySnapshotTime(a: SnapshotRecord, b: SnapshotRecord): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** Removes all snapshots of a project from the data folder. */
export async function removeSnapshots(dataFolder: string, project: string): Promise<void> {
  const folder = join(dataFolder, SNAPSHOT_FOLDER, project);
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw diskError(error, `cannot remove ${folder}`);
  }
}

/** Removes what a crash left: temporary files, and records whose data was not completed. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = new Set(await namesIn(folder));
  for (const name of names) {
    const orphan = name.endsWith(RECORD) && !names.has(name.slice(0, -RECORD.length) + DATA);
    if (name.endsWith('.tmp') || orphan) await rm(join(folder, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw diskError(error, `cannot read ${folder}`);
  }
}
