import { KeyedMutex } from '../../../application/keyed-mutex.js';
import { projectNotFound } from '../../../domain/project.js';
import type { SharedPlacements } from './data-folder-context.js';
import type { InPlace } from './files/in-place-lines.js';
import { readWithChecksum, writeInPlace, writePlacement } from './files/stored-placement.js';
import { withoutRevert } from './generations.js';
import type { Placement } from './placement.js';

/** Members of a placement that change; undefined removes one. */
export type PlacementChange = { [K in keyof Placement]?: Placement[K] | undefined };

/** What one project's placement says, and the way to change it: one change after another, durably. */
export class PlacementFile {
  readonly #turns = new KeyedMutex();
  readonly #project: string;
  readonly #folder: string;
  readonly #shared: SharedPlacements | undefined;
  #placement: Placement | undefined;
  /** Of what was read or written last, for changes in place. */
  #checksum = 0;
  #abandoned = false;
  #isCertain = true;
  #isAssumed = false;

  /** What several servers share of it is in `shared`, too, and changes there first. */
  constructor(project: string, folder: string, shared?: SharedPlacements) {
    this.#project = project;
    this.#folder = folder;
    this.#shared = shared;
  }

  /** Reads it; false if there is none. */
  async find(): Promise<boolean> {
    const read = await readWithChecksum(this.#folder, this.#project);
    this.#placement = read?.placement;
    this.#checksum = read?.checksum ?? 0;
    this.#isAssumed = false;
    return this.#placement !== undefined;
  }

  /**
   * Takes this for what the file says, because that is missing or damaged. Nothing is written before `settle`: after a
   * crash it is as it was.
   */
  assume(placement: Placement): void {
    this.#placement = placement;
    this.#isAssumed = true;
  }

  /** Whether the placement was assumed and is not written yet. */
  get isAssumed(): boolean {
    return this.#isAssumed;
  }

  get current(): Placement {
    if (this.#placement === undefined) throw new Error(`project '${this.#project}' has no placement`);
    return this.#placement;
  }

  /** False after a change that failed and could not be taken back: a restart may find it made all the same. */
  get isDurable(): boolean {
    return this.#isCertain;
  }

  async write(placement: Placement): Promise<void> {
    this.#checksum = await writePlacement(this.#folder, this.#project, placement);
    this.#placement = placement;
    this.#isCertain = true;
  }

  /** Makes it certain. */
  async makeDurable(): Promise<void> {
    await this.#turns.run(['placement'], async () => {
      if (!this.#isCertain) await this.write(this.current);
    });
  }

  /** Like `change`, and writes also a placement that was assumed. */
  async settle(members: PlacementChange): Promise<void> {
    if (!this.#isAssumed) return this.change(members);
    await this.#turns.run(['placement'], () => this.write({ ...this.current, ...members } as Placement));
    this.#isAssumed = false;
  }

  async change(members: PlacementChange | ((now: Placement) => PlacementChange)): Promise<void> {
    await this.#turns.run(['placement'], () => this.#change(typeof members === 'function' ? members : () => members));
  }

  /** Reserves the versions below the floor. Needs no free byte of the disk. */
  async raiseVersionFloor(version_floor: number): Promise<void> {
    await this.#turns.run(['placement'], () =>
      this.#changeInPlace({ version_floor }, { versionFloor: version_floor, isWritten: false }),
    );
  }

  /** Notes that one cannot go back to what was kept: something was written since. Needs no free byte of the disk. */
  async markWritten(): Promise<void> {
    await this.#turns.run(['placement'], () => {
      const { kept = [], version_floor } = this.current;
      return this.#changeInPlace({ kept: withoutRevert(kept) }, { versionFloor: version_floor, isWritten: true });
    });
  }

  async #changeInPlace(changed: PlacementChange, written: InPlace): Promise<void> {
    const mayWrite = !this.#abandoned && !this.#isAssumed && this.#isCertain;
    if (!mayWrite || !(await writeInPlace(this.#folder, this.#project, this.#checksum, written))) {
      return this.#change(() => changed);
    }
    this.#placement = { ...this.current, ...changed } as Placement;
  }

  /** Takes over what another server has noted. */
  follow({ preparing, kept, migrations }: Pick<Placement, 'preparing' | 'kept' | 'migrations'>): void {
    this.#placement = { ...this.current, preparing, kept, migrations } as Placement;
  }

  async #change(plan: (now: Placement) => PlacementChange): Promise<void> {
    if (this.#abandoned) throw projectNotFound(this.#project);
    const before = this.current;
    if (this.#shared !== undefined) return this.#changeShared(this.#shared, plan);
    const next = { ...before, ...plan(before) } as Placement;
    if (this.#isAssumed) {
      this.#placement = next;
      return;
    }
    try {
      await this.write(next);
    } catch (error) {
      // The file may have been replaced before what failed.
      this.#isCertain = false;
      await this.write(before).catch(() => undefined);
      throw error;
    }
  }

  /** The file of this server is only a copy, except for the version floor: it is written again at the next change. */
  async #changeShared(shared: SharedPlacements, plan: (now: Placement) => PlacementChange): Promise<void> {
    let next = { ...this.current, ...plan(this.current) } as Placement;
    if (sharedText(next) === sharedText(this.current)) return this.write(next);
    await shared.change(this.#project, ({ preparing, kept, migrations }) => {
      const now = { ...this.current, preparing, kept, migrations } as Placement;
      next = { ...now, ...plan(now) } as Placement;
      return next;
    });
    await this.write(next).catch(() => {
      this.#placement = next;
    });
  }

  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Marks the project as deleted; nothing is written from here any more. */
  async abandon(): Promise<void> {
    await this.change({ deleted: true });
    this.#abandoned = true;
  }
}

/** What changes at all servers. */
function sharedText({ generation, preparing, kept, migrations }: Placement): string {
  return JSON.stringify([generation, preparing, kept, migrations]);
}
