import { randomUUID } from 'node:crypto';
import type { Discarded, ProjectPlace } from '../../../application/ports/project-storage.js';
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
export class SharedPlace implements ProjectPlace {
  readonly #project: string;
  readonly #stores: GenerationStores;
  readonly #file: PlacementFile;
  readonly #shared: SharedPlacements | undefined;
  /** Whether this server puts the data elsewhere now, and whether that is done and others have to learn of it. */
  #state: 'stays' | 'staged' | 'activated' = 'stays';
  /** Of the fence, which no other move has: a server that slept cannot take the one of another move away. */
  #token = randomUUID();
  /** What is staged, and what was current then: the answer of its activation may be lost. */
  #staged: { readonly from: number; readonly to: number | undefined } | undefined;
  /** Called if another server has put it elsewhere while this one was about to. */
  onLeft: () => void = () => undefined;

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

  /** Whether the data is in another place than this server knows: it may have slept while it put the data elsewhere. */
  get isLeft(): boolean {
    const { noted } = this;
    return noted !== undefined && this.#state !== 'activated' && noted.generation !== this.#file.current.generation;
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
    this.#token = randomUUID();
    this.#state = 'staged';
    try {
      await this.#shared.begin(this.#project);
      try {
        this.#staged = { from: this.#file.current.generation, to: undefined };
        if (!(await this.#takeOver(this.#shared))) {
          throw new AppError('conflict', `Project '${this.#project}' was put elsewhere just now: try again`);
        }
        const staged = await stage();
        this.#staged = { ...this.#staged, to: this.#file.current.preparing?.generation };
        return staged;
      } catch (error) {
        await this.#shared.end(this.#project).catch(() => undefined);
        throw error;
      }
    } catch (error) {
      this.#stay();
      throw error;
    }
  }

  /** Refuses commits to the current data, of servers that do not know that it is left. */
  async fence(): Promise<void> {
    await this.#shared?.requireBegun(this.#project);
    await this.#stores.fence(generationOf(this.#file.current), this.#token);
  }

  /** Call it when another place is noted. */
  activated(): void {
    if (this.isShared) this.#state = 'activated';
  }

  /** Resolves when all servers know of the place. */
  async settle(): Promise<void> {
    await this.#shared?.settle(this.#project);
    if (this.#state !== 'activated') return;
    this.#stay();
    await this.#shared?.end(this.#project).catch(() => undefined);
  }

  /** Resolves when no other server reads at a place before the one that this server knows. */
  async whenFollowed(): Promise<void> {
    if (this.hasOtherWriters) await this.#shared?.whenFollowed();
  }

  /**
   * Removes what this server staged, unless that was activated although no answer came. If the registry does not
   * answer, `undoInterrupted` does it later.
   */
  async discard(remove: () => Promise<void>): Promise<Discarded> {
    if (this.#shared !== undefined) {
      return this.#state === 'staged' ? this.#undo(this.#shared, remove).finally(() => this.#stay()) : 'removed';
    }
    await remove();
    return 'removed';
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
    this.#staged = { from: this.#file.current.generation, to: this.noted.preparing.generation };
    const discarded = await this.discard(async () => {
      await staging.discard();
      await this.#file.change(({ migrations = [] }) => withInterruptedMigrations(migrations, now));
    });
    return discarded === 'removed';
  }

  /** Takes over what another server has noted. True if that is another place. */
  follow(): boolean {
    if (this.isLeft) return true;
    const { noted } = this;
    if (noted !== undefined && this.#state === 'stays') this.#file.follow(noted);
    return false;
  }

  #stay(): void {
    this.#state = 'stays';
    // What was noted meanwhile was not followed.
    if (this.isLeft) this.onLeft();
  }

  /**
   * With the lease: another server may have undone it, if this one slept. To take it also changes the registry, so that
   * a change whose answer was lost can not be made any more.
   */
  async #undo(shared: SharedPlacements, remove: () => Promise<void>): Promise<Discarded> {
    try {
      await shared.begin(this.#project);
      if (!(await this.#takeOver(shared))) {
        const newest = await shared.newest(this.#project);
        return newest?.generation === this.#staged?.to ? 'active' : 'unknown';
      }
      await remove();
    } catch (error) {
      if (error instanceof AppError && (error.code === 'unavailable' || error.code === 'conflict')) return 'unknown';
      throw error;
    } finally {
      await shared.end(this.#project).catch(() => undefined);
    }
    return 'removed';
  }

  /** With the lease: takes over the newest state. False if the data is elsewhere; else it may be written to again. */
  async #takeOver(shared: SharedPlacements): Promise<boolean> {
    const newest = await shared.newest(this.#project);
    if (newest === undefined) return true;
    if (newest.generation !== this.#staged?.from) return false;
    this.#file.follow(newest);
    // After its token was read: another server can have fenced it only if this one slept, and has lost the lease.
    await this.#stores.unfence(generationOf(newest), () => shared.requireBegun(this.#project));
    return true;
  }
}
