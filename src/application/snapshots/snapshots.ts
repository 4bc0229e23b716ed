import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { KeySource } from '../../domain/project.js';
import { rules } from '../access/access-rules.js';
import { hasVisibleKeys, requireAccess } from '../access/authorize.js';
import { requireProject } from '../access/require-project.js';
import { KeyedMutex } from '../keyed-mutex.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { takeView } from '../keyspace/views/take-view.js';
import { Ciphers } from '../ports/cipher.js';
import { Clock } from '../ports/clock.js';
import { NewDigest } from '../ports/digest.js';
import { Projects } from '../ports/registry/projects.js';
import { type SnapshotRecord, SnapshotStorage } from '../ports/registry/snapshot-storage.js';
import { importInto } from '../transfer/import-entries.js';
import { readExport } from '../transfer/read-export.js';
import { writeExport } from '../transfer/write-export.js';

/** A snapshot as its project's administrators see it: without a count if the project hides its keys. */
export interface SnapshotView extends Omit<SnapshotRecord, 'count'> {
  readonly count: number | undefined;
}

/** Another project to restore into, and the caller as authenticated there. */
export interface RestoreTarget {
  readonly project: string;
  readonly caller: Identity;
}

/** What a restore did; the counts are undefined if either project hides its keys. */
export interface Restored {
  readonly count: number | undefined;
  readonly expired: number | undefined;
  /** Undefined, too, if the data was damaged. */
  readonly removed: number | undefined;
  /** The names, in the data folder, that damaged files got, which were put aside. */
  readonly kept: readonly string[];
}

/** Takes, lists, deletes and restores snapshots of projects. */
@scoped(Lifecycle.ContainerScoped)
export class Snapshots {
  readonly #mutex = new KeyedMutex();

  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(SnapshotStorage) private readonly storage: SnapshotStorage,
    @inject(NewDigest) private readonly newDigest: NewDigest,
    @inject(Ciphers) private readonly ciphers: Ciphers,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  /** Earliest first. */
  async list(caller: Identity, project: string): Promise<readonly SnapshotView[]> {
    requireAccess(caller, rules.admin, project);
    const { id } = requireProject(this.projects, project);
    return (await this.storage.list(id)).map((snapshot) => this.#view(project, snapshot));
  }

  /** Rejects with `not_found` if no snapshot has that id. */
  async get(caller: Identity, project: string, id: string): Promise<SnapshotView> {
    requireAccess(caller, rules.admin, project);
    return this.#view(project, await this.#find(project, id));
  }

  /** Takes a snapshot; one at a time for each project. */
  async create(caller: Identity, project: string, reason: SnapshotRecord['reason']): Promise<SnapshotView> {
    requireAccess(caller, rules.admin, project);
    const snapshot = await this.#mutex.run([project], () => this.#create(project, reason));
    return this.#view(project, snapshot);
  }

  async delete(caller: Identity, project: string, id: string): Promise<void> {
    requireAccess(caller, rules.admin, project);
    await this.#find(project, id);
    await this.storage.remove(project, id);
  }

  /**
   * Replaces all entries of the project, or of the target, at one moment. The target's caller must be allowed to
   * administrate it. Rejects with `unprocessable`, changing nothing, if the file is damaged, with `unavailable` if its
   * key is missing or another server has the file.
   */
  async restore(caller: Identity, project: string, id: string, target?: RestoreTarget): Promise<Restored> {
    requireAccess(caller, rules.admin, project);
    const into = target?.project ?? project;
    if (target !== undefined) requireAccess(target.caller, rules.admin, into);
    const snapshot = await this.#find(project, id);
    this.storage.requireHere(project, snapshot);
    requireProject(this.projects, into);
    const cipher = await this.#cipherOf(project, snapshot.encryption);
    try {
      const chunks = reportDamage(this.storage.read(project, snapshot, cipher));
      const imported = await importInto(this.keyspaces, into, chunks, this.newDigest(), { mode: 'replace' });
      const { put, expired, removed, kept = [] } = imported;
      const areVisible = [project, into].every((one) => hasVisibleKeys(this.projects.get(one)));
      return areVisible
        ? { count: put, expired, removed, kept }
        : { count: undefined, expired: undefined, removed: undefined, kept };
    } catch (error) {
      throw damageOf(id, error, ', nothing was changed');
    }
  }

  /**
   * Reads all of a snapshot and compares it with its trailer; returns how many entries it has, undefined if the project
   * hides its keys. Rejects with `unprocessable` if the file is damaged, with `unavailable` if its key is missing.
   */
  async verify(caller: Identity, project: string, id: string): Promise<number | undefined> {
    requireAccess(caller, rules.admin, project);
    const snapshot = await this.#find(project, id);
    this.storage.requireHere(project, snapshot);
    const cipher = await this.#cipherOf(project, snapshot.encryption);
    const chunks = reportDamage(this.storage.read(project, snapshot, cipher));
    let count = 0;
    try {
      for await (const _ of readExport(chunks, this.newDigest(), Number.POSITIVE_INFINITY)) count += 1;
    } catch (error) {
      throw damageOf(id, error);
    }
    return hasVisibleKeys(this.projects.get(project)) ? count : undefined;
  }

  async #create(project: string, reason: SnapshotRecord['reason']): Promise<SnapshotRecord> {
    const { engine, encryption } = requireProject(this.projects, project).storage;
    const cipher = await this.#cipherOf(project, encryption);
    const keyspace = await this.keyspaces.of(project);
    const id = idAt(this.clock.now(), await this.storage.list(project));
    const view = await takeView(keyspace);
    const progress = { count: 0 };
    const pieces = writeExport(view, { project, at: view.at }, this.newDigest, progress);
    try {
      const head = { id, createdAt: view.at, engine, reason, ...(encryption === undefined ? {} : { encryption }) };
      return await this.storage.write(project, head, pieces, () => progress.count, cipher);
    } finally {
      view.close();
      if (this.projects.get(project) === undefined) await this.storage.removeAll(project);
    }
  }

  async #find(project: string, id: string): Promise<SnapshotRecord> {
    const all = await this.storage.list(requireProject(this.projects, project).id);
    const found = all.find((snapshot) => snapshot.id === id);
    if (found === undefined) throw new AppError('not_found', `Snapshot '${id}' of project '${project}' not found`);
    return found;
  }

  #view(project: string, snapshot: SnapshotRecord): SnapshotView {
    return hasVisibleKeys(this.projects.get(project)) ? snapshot : { ...snapshot, count: undefined };
  }

  async #cipherOf(project: string, source: KeySource | undefined) {
    return source === undefined ? undefined : this.ciphers.of(project, source);
  }
}

/** Reports a file that cannot be read like one with a wrong line, unless only its key is missing. */
async function* reportDamage(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof AppError && error.details?.encryption_key !== undefined) throw error;
    throw new AppError('invalid', (error as Error).message, { cause: error });
  }
}

/** A wrong line of a snapshot is damage, and no mistake of the caller. */
function damageOf(id: string, error: unknown, outcome = ''): unknown {
  if (!(error instanceof AppError) || error.code !== 'invalid') return error;
  return new AppError('unprocessable', `Snapshot '${id}' is damaged${outcome}: ${error.message}`, { cause: error });
}

/** The time in UTC, with a number if that id is taken. */
function idAt(now: number, taken: readonly SnapshotRecord[]): string {
  const [date, time] = new Date(now).toISOString().replaceAll(/[-:Z]/g, '').replace('.', '-').split('T');
  const ids = new Set(taken.map(({ id }) => id));
  const base = `${date}-${time}`;
  for (let i = 2, id = base; ; id = `${base}-${i++}`) if (!ids.has(id)) return id;
}
