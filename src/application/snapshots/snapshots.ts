import { inject, injectable } from 'tsyringe';
import { AppError } from '../../domain/errors.js';
import type { KeySource } from '../../domain/project.js';
import { requireProject } from '../access/require-project.js';
import { KeyedMutex } from '../keyed-mutex.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { PointInTimeView } from '../keyspace/point-in-time-view.js';
import { Ciphers } from '../ports/cipher.js';
import { Clock } from '../ports/clock.js';
import { NewDigest } from '../ports/digest.js';
import { Projects } from '../ports/registry/projects.js';
import { type SnapshotRecord, SnapshotStorage } from '../ports/registry/snapshot-storage.js';
import { ImportEntries, type Imported } from '../transfer/import-entries.js';
import { writeExport } from '../transfer/write-export.js';

/** Takes, lists, deletes and restores snapshots of projects. */
@injectable()
export class Snapshots {
  readonly #turns = new KeyedMutex();

  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(SnapshotStorage) private readonly files: SnapshotStorage,
    @inject(ImportEntries) private readonly importEntries: ImportEntries,
    @inject(NewDigest) private readonly newDigest: NewDigest,
    @inject(Ciphers) private readonly ciphers: Ciphers,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  /** Earliest first. */
  list(project: string): Promise<readonly SnapshotRecord[]> {
    return this.files.list(requireProject(this.projects, project).id);
  }

  /** `not_found` where there is none of that id. */
  async get(project: string, id: string): Promise<SnapshotRecord> {
    const found = (await this.list(project)).find((snapshot) => snapshot.id === id);
    if (found === undefined) throw new AppError('not_found', `Snapshot '${id}' of project '${project}' not found`);
    return found;
  }

  /** One at a time for each project. */
  create(project: string, reason: SnapshotRecord['reason']): Promise<SnapshotRecord> {
    return this.#turns.run([project], async () => {
      const { engine, encryption } = requireProject(this.projects, project).storage;
      const cipher = await this.#cipherOf(project, encryption);
      const keyspace = await this.keyspaces.of(project);
      const id = idAt(this.clock.now(), await this.files.list(project));
      const view = await PointInTimeView.take(keyspace);
      const progress = { count: 0 };
      const pieces = writeExport(view, { project, at: view.at }, this.newDigest, progress);
      try {
        const sealed = encryption === undefined ? {} : { encryption };
        const head = { id, createdAt: view.at, engine, reason, ...sealed };
        return await this.files.write(project, head, pieces, () => progress.count, cipher);
      } finally {
        view.close();
        if (this.projects.get(project) === undefined) await this.files.removeAll(project);
      }
    });
  }

  async delete(project: string, id: string): Promise<void> {
    await this.get(project, id);
    await this.files.remove(project, id);
  }

  /** Replaces all entries of the project `into` at one moment; `unprocessable`, with nothing changed, where the file is damaged, `unavailable` where its key is missing. */
  async restore(project: string, id: string, into = project): Promise<Imported> {
    const snapshot = await this.get(project, id);
    requireProject(this.projects, into);
    const cipher = await this.#cipherOf(project, snapshot.encryption);
    try {
      const chunks = told(this.files.read(project, snapshot, cipher));
      return await this.importEntries.execute(into, chunks, { mode: 'replace' });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'invalid') throw error;
      throw new AppError('unprocessable', `Snapshot '${id}' is damaged, nothing was changed: ${error.message}`, {
        cause: error,
      });
    }
  }

  async #cipherOf(project: string, source: KeySource | undefined) {
    return source === undefined ? undefined : this.ciphers.of(project, source);
  }
}

/** That a file cannot be read is told like a wrong line of it; it is sound where only its key is not at hand. */
async function* told(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof AppError && error.details?.encryption_key !== undefined) throw error;
    throw new AppError('invalid', (error as Error).message, { cause: error });
  }
}

/** The time in UTC, and a number where that is taken. */
function idAt(now: number, taken: readonly SnapshotRecord[]): string {
  const [date, time] = new Date(now).toISOString().replaceAll(/[-:Z]/g, '').replace('.', '-').split('T');
  const ids = new Set(taken.map(({ id }) => id));
  const base = `${date}-${time}`;
  for (let i = 2, id = base; ; id = `${base}-${i++}`) if (!ids.has(id)) return id;
}
