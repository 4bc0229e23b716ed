import type {
  ListenerFactory,
  ReleaseReplaced,
  Replaced,
  RevertedStore,
} from '../../../application/ports/project-storage.js';
import { AppError } from '../../../domain/errors.js';
import type { Migration } from '../../../domain/migration.js';
import type { DamagedFiles } from './damaged-files.js';
import { keyCheckValues } from './encryption-key-checks.js';
import type { GenerationStores } from './generation-stores.js';
import { activated, generationOf, withoutRevert } from './generations.js';
import { withRecordedMigration } from './migration-record.js';
import type { KeptGeneration, Placement } from './placement.js';
import type { PlacementChange, PlacementFile } from './placement-file.js';
import type { SharedPlace } from './shared-place.js';

/** How long data is kept that should go soon, as plain data does: until nothing reads or closes it any more, in ms. */
const SOON = 60_000;

/** Makes a staged generation the current one, keeps the one before for a while, and can go back to it. */
export class Activation {
  /** Generations that were replaced but still answer reads: their files have to stay. */
  readonly #inUse = new Set<number>();

  constructor(
    private readonly stores: GenerationStores,
    private readonly file: PlacementFile,
    private readonly damagedFiles: DamagedFiles,
    private readonly place: SharedPlace,
  ) {}

  async activateMigration(keepFor: number, done: Migration | undefined): Promise<ReleaseReplaced> {
    const { kept = [], encryption } = this.file.current;
    const preparing = this.#requireStaged();
    const isFirstEncryption = preparing.encryption !== undefined && encryption === undefined;
    const soon = Date.now() + SOON;
    const until = Date.now() + Math.max(keepFor, this.#leastTime);
    const replaced = this.#replaced(isFirstEncryption ? soon : until, !isFirstEncryption);
    const others = withoutRevert(kept, preparing.encryption === undefined ? Number.POSITIVE_INFINITY : soon);
    await this.#leave(({ migrations }) => ({
      ...activated(preparing),
      preparing: undefined,
      kept: [...others, replaced],
      ...withRecordedMigration(migrations, done),
    }));
    return this.#releaseOf(replaced);
  }

  async activateReplacement(isDamaged: boolean): Promise<Replaced> {
    const { kept = [], configured } = this.file.current;
    const preparing = this.#requireStaged();
    const next = { ...activated(preparing), preparing: undefined };
    const others = withoutRevert(kept);
    if (isDamaged) return this.#replaceDamaged({ ...next, kept: others });
    const replaced = this.#replaced(Date.now() + this.#leastTime, false);
    await this.#leave({ ...next, configured, kept: [...others, replaced] });
    return { release: this.#releaseOf(replaced), kept: [] };
  }

  /** Not among several servers: whether one of them has written since is found out by comparing. */
  get canRevert(): boolean {
    if (this.place.isShared) return false;
    return this.file.current.kept?.some(({ current }) => current) ?? false;
  }

  async openReverted(listenerOf: ListenerFactory, isDamaged: boolean): Promise<RevertedStore> {
    const { kept = [] } = this.file.current;
    const last = isDamaged ? await this.#lastThere(kept) : kept.at(-1);
    if (last === undefined || !(last.current || isDamaged)) {
      throw new AppError('conflict', 'There are newer writes (or the old data is gone): move back the ordinary way');
    }
    this.place.requireAt(last.node);
    if (this.#inUse.has(last.generation)) {
      throw new AppError('conflict', 'A copy of the old data is still being read; try again when it has ended');
    }
    const cipher = await this.stores.cipherOf(last);
    const store = await this.stores.open(last, listenerOf(cipher));
    if (this.place.isShared) {
      await this.file.change({ preparing: generationOf(last) }).catch(async (error: unknown) => {
        await store.close();
        throw error;
      });
    }
    const members = activated(last);
    if (cipher !== undefined) members.keys = keyCheckValues(cipher, last.keys);
    const activate = async (undone: Migration): Promise<Replaced> => {
      if (isDamaged) {
        const others = kept.filter((other) => other !== last);
        const done = withRecordedMigration(this.file.current.migrations, undone);
        return this.#replaceDamaged({ ...members, kept: withoutRevert(others), ...done });
      }
      const replaced = this.#replaced(Date.now() + this.#leastTime, false);
      await this.stores.unfence(last);
      await this.#leave(({ migrations }) => ({
        ...members,
        preparing: undefined,
        kept: [...kept.slice(0, -1), replaced],
        ...withRecordedMigration(migrations, undone),
      }));
      return { release: this.#releaseOf(replaced), kept: [] };
    };
    const spec = members.configured;
    return { store, cipher, checksLimit: await this.stores.checksLimit(last), spec, activate };
  }

  async markWritten(): Promise<void> {
    if (this.canRevert) await this.file.markWritten();
  }

  async removeExpired(now: number, maintains: boolean): Promise<void> {
    const { kept: all = [], preparing } = this.file.current;
    const isInUse = (generation: number) => this.#inUse.has(generation) || generation === preparing?.generation;
    const expired = all.filter(
      ({ until, generation, node }) =>
        until <= now && !isInUse(generation) && (node === undefined ? maintains : this.place.isHere(node)),
    );
    if (expired.length === 0) return;
    for (const one of expired) await this.stores.remove(one);
    const removed = new Set(expired.map(({ generation }) => generation));
    await this.file.change(({ kept = [] }) => ({ kept: kept.filter(({ generation }) => !removed.has(generation)) }));
  }

  /**
   * Makes another generation current. The one before is fenced first: a node that does not know of the change cannot
   * commit there any more. If that fails, the project is opened again, which removes the fence.
   */
  async #leave(change: PlacementChange | ((now: Placement) => PlacementChange)): Promise<void> {
    const before = generationOf(this.file.current);
    await this.place.fence();
    try {
      await this.file.change(change);
      this.place.activated();
    } catch (error) {
      if (!this.place.isShared && this.file.current.generation === before.generation) {
        await this.stores.unfence(before);
      }
      throw error;
    }
  }

  /** The store before the last migration, if its time is not over and its files are there. */
  async #lastThere(kept: readonly KeptGeneration[]): Promise<KeptGeneration | undefined> {
    const last = kept.findLast(({ until }) => until > Date.now());
    return last !== undefined && (await this.stores.existingFiles(last)).length > 0 ? last : undefined;
  }

  /** Makes another store current in place of one that is damaged, of which no file is removed. */
  async #replaceDamaged(next: PlacementChange): Promise<Replaced> {
    const { current } = this.file;
    const { isAssumed } = this.file;
    // A placement that was assumed lists all files already.
    const paths = isAssumed ? [] : await this.stores.existingFiles(generationOf(current));
    const damaged = [...(current.damaged ?? []), ...this.damagedFiles.listOf(paths)];
    const placement = isAssumed ? await this.damagedFiles.keepPlacement() : [];
    await this.file.settle({ ...next, damaged });
    return { release: () => this.damagedFiles.putAside(), kept: [...damaged, ...placement].map(({ kept }) => kept) };
  }

  /** How long a store that was left is kept at least, in ms: other servers may still read from it. */
  get #leastTime(): number {
    return this.place.isShared ? SOON : 0;
  }

  #requireStaged() {
    const { preparing } = this.file.current;
    if (preparing === undefined) throw new Error('no generation was staged');
    return preparing;
  }

  /** The current generation as one that is kept until a time in ms, its store still in use. */
  #replaced(until: number, current: boolean): KeptGeneration {
    this.#inUse.add(this.file.current.generation);
    return { ...generationOf(this.file.current), until, current };
  }

  #releaseOf({ generation }: KeptGeneration): ReleaseReplaced {
    return () => void this.#inUse.delete(generation);
  }
}
