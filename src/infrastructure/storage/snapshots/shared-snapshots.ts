import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyedMutex } from '../../../application/keyed-mutex.js';
import type { Cipher } from '../../../application/ports/cipher.js';
import type { Logger } from '../../../application/ports/logger.js';
import type {
  SnapshotHead,
  SnapshotRecord,
  SnapshotStorage,
} from '../../../application/ports/registry/snapshot-storage.js';
import { OtherServerError } from '../../../domain/errors.js';
import { readIdFile, writeIdFile } from '../building-blocks/server/id-file.js';
import { bySnapshotTime, type FileSnapshots } from './file-snapshots.js';
import { SNAPSHOT_FOLDER } from './snapshot-folder.js';
import type { NotedSnapshot, NotedSnapshots, SnapshotNotes } from './snapshot-notes.js';

/** Says of which project the snapshots in its folder are: another one may get the same name. */
const PROJECT_FILE = 'project.portkv';

/**
 * The snapshots of servers that share a registry, which notes those of all of them. Each keeps the files of its own,
 * and removes those that another one has deleted.
 */
export class SharedSnapshots implements SnapshotStorage {
  readonly #mutex = new KeyedMutex();

  constructor(
    private readonly files: FileSnapshots,
    private readonly notes: SnapshotNotes,
    private readonly dataFolder: string,
    private readonly log: Logger,
  ) {}

  async list(project: string): Promise<readonly SnapshotRecord[]> {
    const { node } = this.notes;
    const noted = this.notes.of(project)?.records ?? [];
    const deleted = new Set(noted.filter((it) => it.server === node && it.deleted).map(({ id }) => id));
    const own = (await this.files.list(project)).filter(({ id }) => !deleted.has(id));
    const others = noted.filter((it) => it.server !== node && !it.deleted);
    return [...own.map((it) => ({ ...it, server: node })), ...others].sort(bySnapshotTime);
  }

  async write(
    project: string,
    head: SnapshotHead,
    pieces: AsyncIterable<Buffer>,
    count: () => number,
    cipher: Cipher | undefined,
  ): Promise<SnapshotRecord> {
    const record = await this.files.write(project, head, pieces, count, cipher);
    await this.#follow(project);
    return { ...record, server: this.notes.node };
  }

  read(project: string, snapshot: SnapshotRecord, cipher: Cipher | undefined): AsyncIterable<Uint8Array> {
    return this.files.read(project, snapshot, cipher);
  }

  requireHere(project: string, { id, server }: SnapshotRecord): void {
    if (server === undefined || server === this.notes.node) return;
    throw new OtherServerError(`Snapshot '${id}' of project '${project}'`, server);
  }

  async remove(project: string, id: string): Promise<void> {
    const isOther = (it: NotedSnapshot) => it.id === id && it.server !== this.notes.node;
    if (this.notes.of(project)?.records.some(isOther)) {
      await this.notes.change(project, ({ records, ...rest }) => ({
        ...rest,
        records: records.map((it) => (isOther(it) ? { ...it, deleted: true } : it)),
      }));
    }
    await this.files.remove(project, id);
    await this.#follow(project);
  }

  async removeAll(project: string): Promise<void> {
    await this.files.removeAll(project);
    if (this.notes.isDeleted(project)) await this.#attempt(project);
  }

  /** Notes what this server has, and removes what was deleted while it did not run. Failures are logged. */
  async followAll(projects: readonly string[]): Promise<void> {
    for (const project of projects) await this.#attempt(project);
    await this.follow();
  }

  /** Removes what was deleted at other servers. Failures are logged: the next call tries again. */
  async follow(): Promise<void> {
    for (const project of this.notes.projects()) {
      const isDeleted = this.notes.isDeleted(project);
      const own = this.notes.of(project)?.records.filter(({ server }) => server === this.notes.node) ?? [];
      if (own.some(({ deleted }) => isDeleted || deleted)) await this.#attempt(project);
    }
  }

  async #attempt(project: string): Promise<void> {
    try {
      await this.#follow(project);
    } catch (error) {
      this.log.warn({ project }, `its snapshots are not as the registry says: ${(error as Error).message}`);
    }
  }

  #follow(project: string): Promise<void> {
    return this.#mutex.run([project], async () => {
      const { node } = this.notes;
      const noted = this.notes.of(project);
      if (this.notes.isDeleted(project)) await this.files.removeAll(project);
      else if (await this.#isOfAnother(project, noted)) await this.#putAside(project);
      for (const { id, server, deleted } of noted?.records ?? []) {
        if (server === node && deleted) await this.files.remove(project, id);
      }
      const files = await this.files.list(project);
      const known = noted?.records.some(({ server }) => server === node) ?? false;
      if (files.length === 0 && !known) return;
      const plan = ({ records, ...rest }: NotedSnapshots): NotedSnapshots => {
        const others = records.filter(({ server }) => server !== node);
        const own = files.map((it) => withMark({ ...it, server: node }, records));
        return { ...rest, records: [...others, ...own].sort(bySnapshotTime) };
      };
      // To change it reads all that is in the registry.
      const isNoted = noted !== undefined && JSON.stringify(plan(noted)) === JSON.stringify(noted);
      const now = isNoted ? noted : await this.notes.change(project, plan);
      if (now !== undefined && files.length > 0) await this.#claim(project, now.of);
    });
  }

  /** Whether the folder has the snapshots of an earlier project of that name. */
  async #isOfAnother(project: string, noted: NotedSnapshots | undefined): Promise<boolean> {
    const of = await readIdFile(this.#projectFile(project), 'which names the project of these snapshots');
    return of !== undefined && noted !== undefined && of !== noted.of;
  }

  async #putAside(project: string): Promise<void> {
    const folder = join(this.dataFolder, SNAPSHOT_FOLDER, project);
    const aside = `${folder}.aside-${Date.now()}`;
    await rename(folder, aside);
    this.log.warn({ project, aside }, 'the project is not the one of these snapshots: they were put aside');
  }

  async #claim(project: string, of: string): Promise<void> {
    const path = this.#projectFile(project);
    if ((await readIdFile(path, 'which names the project of these snapshots')) !== of) await writeIdFile(path, of);
  }

  #projectFile(project: string): string {
    return join(this.dataFolder, SNAPSHOT_FOLDER, project, PROJECT_FILE);
  }
}

/** A snapshot that another server has deleted meanwhile keeps that mark. */
function withMark(own: NotedSnapshot, records: readonly NotedSnapshot[]): NotedSnapshot {
  const isDeleted = records.some(({ id, server, deleted }) => id === own.id && server === own.server && deleted);
  return isDeleted ? { ...own, deleted: true } : own;
}
