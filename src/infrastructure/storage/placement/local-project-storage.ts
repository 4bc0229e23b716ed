import type { Cipher, Ciphers } from '../../../application/ports/cipher.js';
import type { ExternalChangeListener } from '../../../application/ports/external-changes.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { Store } from '../../../application/ports/store.js';
import { AppError } from '../../../domain/errors.js';
import type { Migration } from '../../../domain/migration.js';
import type { KeySource, Project } from '../../../domain/project.js';
import { adoptExisting, createFresh } from './adoption.js';
import { keyCheckValues } from './encryption-key-checks.js';
import { GenerationStores } from './generation-stores.js';
import { activated, generationOf, requestedSpec, withoutRevert } from './generations.js';
import { withInterruptedMigrations, withRecordedMigration } from './migration-record.js';
import type { KeptGeneration, Placement } from './placement.js';
import { type PlacementChange, PlacementFile } from './placement-file.js';
import { Staging } from './staging.js';

/** How long what was encrypted stays in plain beside it: until nothing reads or closes it any more, in ms. */
const KEEP_PLAIN_FOR = 60_000;

/** Where one project's data is, as its placement says, and what can be done with it there. */
export class LocalProjectStorage {
  /** Beside it, while there is one. */
  readonly staging: Staging;
  readonly #record: PlacementFile;
  readonly #stores: GenerationStores;
  readonly #log: Logger;
  /** Generations that were left but still answer reads: their files have to stay. */
  readonly #inUse = new Set<number>();

  constructor(
    readonly project: string,
    folder: string,
    ciphers: Ciphers,
    log: Logger,
  ) {
    this.#record = new PlacementFile(project, folder);
    this.#stores = new GenerationStores(project, folder, ciphers, log);
    this.#log = log;
    this.staging = new Staging(project, this.#stores, this.#record, log);
  }

  /** Reads the placement; false where there is none. */
  find(): Promise<boolean> {
    return this.#record.find();
  }

  /** Whether a restart would find what the placement says; where not, nothing may be acknowledged and no generation removed. */
  get isDurable(): boolean {
    return this.#record.isDurable;
  }

  makeDurable(): Promise<void> {
    return this.#record.makeDurable();
  }

  /** What the placement says. */
  get placement(): Placement {
    return this.#record.current;
  }

  /** Makes an empty store for a new project. */
  create(project: Project): Promise<void> {
    return createFresh(project, this.#stores, this.#record);
  }

  /** Takes over files that lie there already, such as Simple-PyKV's, for a configured project; makes them where there are none. */
  adopt(project: Project): Promise<void> {
    return adoptExisting(project, this.#stores, this.#record, this.#log);
  }

  /** Opens what the placement says. Its keys are looked for where they were, then at `moved`, where the settings say now. */
  async open(moved?: KeySource, others?: ExternalChangeListener): Promise<Store> {
    const cipher = await this.#stores.cipherOf(this.placement, moved);
    if (cipher !== undefined) await this.#note(cipher);
    return this.#stores.open(this.placement, cipher, others);
  }

  /** The same to be read only: not a byte is written. */
  async openReadOnly(moved: KeySource | undefined, others: ExternalChangeListener): Promise<Store> {
    return this.#stores.openReadOnly(this.placement, await this.#stores.cipherOf(this.placement, moved), others);
  }

  /** Whether the project's settings ask for another engine than the one that was last asked for. */
  isOutdated({ storage }: Project): boolean {
    return JSON.stringify(requestedSpec(storage)) !== JSON.stringify(this.placement.configured);
  }

  /** Whether its data has to move for that. */
  async requiresMigration(project: Project): Promise<boolean> {
    return (
      this.isOutdated(project) && !(await this.#stores.needsNoMigration(this.placement, requestedSpec(project.storage)))
    );
  }

  /** Takes over settings that need no move, at once. */
  async applySettings(project: Project): Promise<void> {
    if (!this.isOutdated(project) || (await this.requiresMigration(project))) return;
    const wish = requestedSpec(project.storage);
    await this.change({ options: wish.options, configured: wish });
    await this.#stores.applyOptions(this.placement);
  }

  /** Whether other content is put into it by one commit. */
  replacesInPlace(): Promise<boolean> {
    return this.#stores.replacesInPlace(this.placement);
  }

  /** The switch to a copy elsewhere. The present generation is kept for `keepFor` ms, and one can go back to it. */
  async activateMigration(keepFor: number, done: Migration | undefined): Promise<void> {
    const { preparing, kept = [], encryption } = this.placement;
    if (preparing === undefined) throw new Error('no generation was prepared');
    const bare = preparing.encryption !== undefined && encryption === undefined;
    const soon = Date.now() + KEEP_PLAIN_FOR;
    const left = this.#leave(bare ? soon : Date.now() + keepFor, !bare);
    const others = withoutRevert(kept, preparing.encryption === undefined ? Number.POSITIVE_INFINITY : soon);
    await this.change(({ migrations }) => ({
      ...activated(preparing),
      preparing: undefined,
      kept: [...others, left],
      ...withRecordedMigration(migrations, done),
    }));
  }

  /** The switch to other content: what was there just before is not kept. */
  async activateReplacement(): Promise<void> {
    const { preparing, kept = [], configured } = this.placement;
    if (preparing === undefined) throw new Error('no generation was prepared');
    const left = this.#leave(Date.now(), false);
    await this.change({
      ...activated(preparing),
      configured,
      preparing: undefined,
      kept: [...withoutRevert(kept), left],
    });
  }

  /** A generation that was left answers no reads any more. */
  release(generation: number): void {
    this.#inUse.delete(generation);
  }

  /** Goes back to the generation left last, if nothing was written since; answers its store, not yet in charge of anything. */
  async revert(
    others: ExternalChangeListener,
  ): Promise<{ store: Store; switch: (undone: Migration) => Promise<void> }> {
    const { kept = [] } = this.placement;
    const last = kept.at(-1);
    if (!last?.current) {
      throw new AppError('conflict', 'There are newer writes (or the old data is gone): move back the ordinary way');
    }
    if (this.#inUse.has(last.generation)) {
      throw new AppError('conflict', 'A copy of the old data is still being read; try again when it has ended');
    }
    const cipher = await this.#stores.cipherOf(last);
    const store = await this.#stores.open(last, cipher, others);
    const members = activated(last);
    if (cipher !== undefined) members.keys = keyCheckValues(cipher, last.keys);
    return {
      store,
      switch: (undone) =>
        this.change(({ migrations }) => ({
          ...members,
          kept: [...kept.slice(0, -1), this.#leave(Date.now(), false)],
          ...withRecordedMigration(migrations, undone),
        })),
    };
  }

  /** Remembers how a move stands. */
  recordMigration(migration: Migration): Promise<void> {
    return this.change(({ migrations }) => withRecordedMigration(migrations, migration));
  }

  /** Notes that moves were interrupted by the end of a process. */
  async recordInterrupted(now: number): Promise<void> {
    const { migrations = [] } = this.placement;
    if (migrations.some(({ state }) => state === 'copying'))
      await this.change(withInterruptedMigrations(migrations, now));
  }

  /** Removes kept generations whose time has come. */
  async removeExpiredGenerations(now: number): Promise<void> {
    const gone = (this.placement.kept ?? []).filter(
      (other) => other.until <= now && !this.#inUse.has(other.generation),
    );
    if (gone.length === 0) return;
    for (const other of gone) await this.#stores.remove(other);
    const generations = new Set(gone.map(({ generation }) => generation));
    await this.change(({ kept = [] }) => ({ kept: kept.filter(({ generation }) => !generations.has(generation)) }));
  }

  /** Notes, before the first write after a switch, that one cannot go back any more. */
  async markWritten(): Promise<void> {
    if (!this.canRevert) return;
    await this.change(({ kept = [] }) => ({ kept: withoutRevert(kept) }));
  }

  get canRevert(): boolean {
    return this.placement.kept?.some(({ current }) => current) ?? false;
  }

  /** Changes members of the placement, durably. */
  change(members: PlacementChange | ((now: Placement) => PlacementChange)): Promise<void> {
    return this.#record.change(members);
  }

  /** Marks the project as deleted; nothing is written from here any more. */
  abandon(): Promise<void> {
    return this.#record.abandon();
  }

  /** Removes every file of every generation. */
  async removeFiles(): Promise<void> {
    const { preparing, kept = [] } = this.placement;
    for (const other of [this.placement, ...kept, ...(preparing === undefined ? [] : [preparing])]) {
      await this.#stores.remove(other);
    }
  }

  /** The present generation as one that is kept until a time in ms, its store still in use. */
  #leave(until: number, current: boolean): KeptGeneration {
    this.#inUse.add(this.placement.generation);
    return { ...generationOf(this.placement), until, current };
  }

  /** Notes the key before anything is sealed with it. */
  async #note(cipher: Cipher): Promise<void> {
    const { keys = [] } = this.placement;
    if (!keys.some(({ id }) => id === cipher.keyId)) await this.change({ keys: keyCheckValues(cipher, keys) });
  }
}
