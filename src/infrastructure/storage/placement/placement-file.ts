import { KeyedMutex } from '../../../application/keyed-mutex.js';
import { AppError } from '../../../domain/errors.js';
import { type Placement, readPlacement, writePlacement } from './placement.js';

/** Changed members of a placement; undefined removes one. */
export type PlacementChange = { [K in keyof Placement]?: Placement[K] | undefined };

/** One project's placement, and durable changes of it, one after another. */
export class PlacementFile {
  readonly #turns = new KeyedMutex();
  readonly #project: string;
  readonly #folder: string;
  #placement: Placement | undefined;
  #abandoned = false;
  #isCertain = true;

  constructor(project: string, folder: string) {
    this.#project = project;
    this.#folder = folder;
  }

  /** Reads it; false if it does not exist. */
  async find(): Promise<boolean> {
    this.#placement = await readPlacement(this.#folder, this.#project);
    return this.#placement !== undefined;
  }

  get current(): Placement {
    if (this.#placement === undefined) throw new Error(`project '${this.#project}' has no placement`);
    return this.#placement;
  }

  /** False after a change that failed and could not be undone: a restart may find it all the same. */
  get isDurable(): boolean {
    return this.#isCertain;
  }

  async write(placement: Placement): Promise<void> {
    await writePlacement(this.#folder, this.#project, placement);
    this.#placement = placement;
    this.#isCertain = true;
  }

  /** Writes the placement again if it is not durable. */
  async makeDurable(): Promise<void> {
    await this.#turns.run(['placement'], async () => {
      if (!this.#isCertain) await this.write(this.current);
    });
  }

  async change(members: PlacementChange | ((now: Placement) => PlacementChange)): Promise<void> {
    await this.#turns.run(['placement'], async () => {
      if (this.#abandoned) throw new AppError('unavailable', `project '${this.#project}' is being deleted`);
      const changed = typeof members === 'function' ? members(this.current) : members;
      const before = this.current;
      try {
        await this.write({ ...before, ...changed } as Placement);
      } catch (error) {
        // The file may have been replaced before the failure.
        this.#isCertain = false;
        await this.write(before).catch(() => undefined);
        throw error;
      }
    });
  }

  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Marks the project as deleted; this object writes nothing after that. */
  async abandon(): Promise<void> {
    await this.change({ deleted: true });
    this.#abandoned = true;
  }
}
