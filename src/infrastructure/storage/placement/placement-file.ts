import { KeyedMutex } from '../../../application/keyed-mutex.js';
import { projectNotFound } from '../../../domain/project.js';
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
  #placement: Placement | undefined;
  /** Of what was read or written last, for changes in place. */
  #checksum = 0;
  #abandoned = false;
  #isCertain = true;
  #isAssumed = false;

  constructor(project: string, folder: string) {
    this.#project = project;
    this.#folder = folder;
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
    await this.#turns.run(['placement'], () =>
      this.#change(typeof members === 'function' ? members(this.current) : members),
    );
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
      return this.#change(changed);
    }
    this.#placement = { ...this.current, ...changed } as Placement;
  }

  async #change(changed: PlacementChange): Promise<void> {
    if (this.#abandoned) throw projectNotFound(this.#project);
    const before = this.current;
    if (this.#isAssumed) {
      this.#placement = { ...before, ...changed } as Placement;
      return;
    }
    try {
      await this.write({ ...before, ...changed } as Placement);
    } catch (error) {
      // The file may have been replaced before what failed.
      this.#isCertain = false;
      await this.write(before).catch(() => undefined);
      throw error;
    }
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
