import { Turns } from '../../application/turns.js';
import { AppError } from '../../domain/errors.js';
import { type Placement, readPlacement, writePlacement } from './placement.js';

/** Members of a placement that change; undefined removes one. */
export type Members = { [K in keyof Placement]?: Placement[K] | undefined };

/** What one project's placement says, and the way to change it: one change after another, durably. */
export class PlacementRecord {
  readonly #turns = new Turns();
  readonly #project: string;
  readonly #folder: string;
  #placement: Placement | undefined;
  #abandoned = false;

  constructor(project: string, folder: string) {
    this.#project = project;
    this.#folder = folder;
  }

  /** Reads it; false where there is none. */
  async find(): Promise<boolean> {
    this.#placement = await readPlacement(this.#folder, this.#project);
    return this.#placement !== undefined;
  }

  get now(): Placement {
    if (this.#placement === undefined) throw new Error(`project '${this.#project}' has no placement`);
    return this.#placement;
  }

  async write(placement: Placement): Promise<void> {
    await writePlacement(this.#folder, this.#project, placement);
    this.#placement = placement;
  }

  async change(members: Members | ((now: Placement) => Members)): Promise<void> {
    await this.#turns.run(['placement'], () => {
      if (this.#abandoned) throw new AppError('unavailable', `project '${this.#project}' is being deleted`);
      const changed = typeof members === 'function' ? members(this.now) : members;
      return this.write({ ...this.now, ...changed } as Placement);
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
