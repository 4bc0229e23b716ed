import { AppError, OtherServerError } from '../../../domain/errors.js';
import type { SharedPlacement, SharedPlacements } from './data-folder-context.js';
import type { GenerationStores } from './generation-stores.js';
import { generationOf } from './generations.js';
import { withInterruptedMigrations } from './migration-record.js';
import type { PlacementFile } from './placement-file.js';
import type { Staging } from './staging.js';

/**
 * The place of a project's data among several servers, of which one at a time puts it elsewhere. Without others, does
 * only what one server needs.
 */
export class SharedPlace {
  readonly #project: string;
  readonly #stores: GenerationStores;
  readonly #file: PlacementFile;
  readonly #shared: SharedPlacements | undefined;
  /** Whether this server puts the data elsewhere now, and whether that is done and others have to learn of it. */
  #state: 'stays' | 'staged' | 'activated' = 'stays';

  constructor(project: string, stores: GenerationStores, file: PlacementFile, shared: SharedPlacements | undefined) {
    this.#project = project;
    this.#stores = stores;
    this.#file = file;
    this.#shared = shared;
  }

  get isShared(): boolean {
    return this.#shared !== undefined;
  }

  /** As the registry says; undefined if there is none, or it does not know the project. */
  get noted(): SharedPlacement | undefined {
    return this.#shared?.placementOf(this.#project);
  }

  /** Whether other servers may commit to the current data. */
  get hasOtherWriters(): boolean {
    return this.isShared && this.#file.current.node === undefined;
  }

  isHere(node: string): boolean {
    return this.#shared === undefined || node === this.#shared.node;
  }

  /** As `noted`. Throws `OtherServerError` if another server alone has the data. */
  requireHere(): SharedPlacement | undefined {
    const { noted } = this;
    this.requireAt(noted?.node);
    return noted;
  }

  /** Throws `OtherServerError` if another server alone has what is at that one; undefined if all reach it. */
  requireAt(node: string | undefined): void {
    if (node !== undefined && !this.isHere(node)) throw new OtherServerError(`Project '${this.#project}'`, node);
  }

  /** Stages with the lease for it. */
  async stage<T>(stage: () => Promise<T>): Promise<T> {
    if (this.#shared === undefined) return stage();
    if (this.#state !== 'stays') throw new Error(`project '${this.#project}' is being put elsewhere already`);
    this.#state = 'staged';
    try {
      await this.#shared.begin(this.#project);
      try {
        if (await this.#takeOver(this.#shared)) return await stage();
        throw new AppError('conflict', `Project '${this.#project}' was put elsewhere just now: try again`);
      } catch (error) {
        await this.#shared.end(this.#project).catch(() => undefined);
        throw error;
      }
    } catch (error) {
      this.#state = 'stays';
      throw error;
    }
  }

  /** Refuses commits to the current data, of servers that do not know that it is left. */
  async fence(): Promise<void> {
    await this.#shared?.requireBegun(this.#project);
    await this.#stores.fence(generationOf(this.#file.current), true);
  }

  /** Call it when another place is noted. */
  activated(): void {
    if (this.isShared) this.#state = 'activated';
  }

  /** Resolves when all servers know of the place. */
  async settle(): Promise<void> {
    await this.#shared?.settle(this.#project);
    if (this.#state !== 'activated') return;
    this.#state = 'stays';
    await this.#shared?.end(this.#project).catch(() => undefined);
  }

  /** Removes what this server staged, unless that was activated although no answer came. */
  async discard(remove: () => Promise<void>): Promise<void> {
    if (this.#shared === undefined) return remove();
    if (this.#state === 'staged') await this.#undo(this.#shared, remove).finally(() => (this.#state = 'stays'));
  }

  /** Undoes what a server that ended had staged. False if there is nothing. */
  async undoInterrupted(staging: Staging, now: number, maintains: boolean): Promise<boolean> {
    if (this.#shared === undefined || this.#state !== 'stays') return false;
    const by = this.#shared.begunBy(this.#project);
    if (by === 'another' || (by === undefined && !maintains)) return false;
    if (this.noted?.preparing === undefined) {
      if (by === 'this') await this.#shared.end(this.#project);
      return false;
    }
    this.#state = 'staged';
    await this.discard(async () => {
      await staging.discard();
      await this.#file.change(({ migrations = [] }) => withInterruptedMigrations(migrations, now));
    });
    return true;
  }

  /** Takes over what another server has noted. True if that is another place. */
  follow(): boolean {
    const { noted } = this;
    if (noted === undefined || this.#state !== 'stays') return false;
    if (noted.generation !== this.#file.current.generation) return true;
    this.#file.follow(noted);
    return false;
  }

  /** With the lease: another server may have undone it, if this one slept. */
  async #undo(shared: SharedPlacements, remove: () => Promise<void>): Promise<void> {
    await shared.begin(this.#project);
    try {
      if (await this.#takeOver(shared)) await remove();
    } finally {
      await shared.end(this.#project);
    }
  }

  /** With the lease: takes over the newest state. False if the data is elsewhere; else it may be written to again. */
  async #takeOver(shared: SharedPlacements): Promise<boolean> {
    const newest = await shared.newest(this.#project);
    if (newest === undefined) return true;
    if (newest.generation !== this.#file.current.generation) return false;
    this.#file.follow(newest);
    await this.#stores.fence(generationOf(newest), false);
    return true;
  }
}
