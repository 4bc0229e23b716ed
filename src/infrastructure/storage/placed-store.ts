import type { Logger } from '../../application/ports/logger.js';
import type { Store } from '../../application/ports/store.js';
import { Turns } from '../../application/turns.js';
import type { Project } from '../../domain/project.js';
import type { Engine, Place } from './engine.js';
import { engineNamed, optionsOf } from './engine-options.js';
import { dataName, type Placement, readPlacement, writePlacement } from './placement.js';
import { existingFiles, moveAside, removeFiles } from './project-files.js';

/** Where one project's data is, as its placement says, and what can be done with it there. */
export class PlacedStore {
  readonly #turns = new Turns();
  readonly #folder: string;
  readonly #log: Logger;
  #placement: Placement | undefined;

  constructor(
    readonly project: string,
    folder: string,
    log: Logger,
  ) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Reads the placement; false where there is none. */
  async find(): Promise<boolean> {
    this.#placement = await readPlacement(this.#folder, this.project);
    return this.#placement !== undefined;
  }

  /** What the placement says. */
  get placement(): Placement {
    if (this.#placement === undefined) throw new Error(`project '${this.project}' has no placement`);
    return this.#placement;
  }

  /** Makes an empty store for a new project. */
  async create({ storage }: Project): Promise<void> {
    const wish = { engine: storage.engine, options: { ...storage.options } };
    const { engine, place, options } = await this.#at(wish, 1);
    await moveAside(await existingFiles(engine, place, options), this.#folder, this.#log);
    await engine.create(place, options);
    await this.#write({ ...wish, generation: 1, configured: wish, version_floor: Date.now() * 1000, deleted: false });
  }

  /** Takes files that lie there already, such as Simple-PyKV's, as the store of a configured project; makes them where there are none. */
  async adopt({ storage }: Project): Promise<void> {
    const wish = { engine: storage.engine, options: { ...storage.options } };
    const { engine, place, options } = await this.#at(wish, 1);
    const found = await existingFiles(engine, place, options);
    if (found.length === 0) await engine.create(place, options);
    else this.#log.info({ project: this.project, files: found }, 'Files found in the data folder are taken over');
    const store = await engine.open(place, options, this.#log);
    const floor = await highestVersion(store);
    await store.close();
    const version_floor = Math.max(floor, Date.now() * 1000);
    await this.#write({ ...wish, generation: 1, configured: wish, version_floor, deleted: false });
  }

  async open(): Promise<Store> {
    const { engine, place, options } = await this.#here();
    return engine.open(place, options, this.#log);
  }

  /** Changes members of the placement, durably. */
  async change(members: Partial<Placement>): Promise<void> {
    await this.#turns.run(['placement'], () => this.#write({ ...this.placement, ...members }));
  }

  async removeFiles(): Promise<void> {
    const { engine, place, options } = await this.#here();
    await removeFiles(engine, place, options);
  }

  #here() {
    const { engine, options, generation } = this.placement;
    return this.#at({ engine, options }, generation);
  }

  async #at(wish: { engine: string; options: object }, generation: number): Promise<Opened> {
    const engine = await engineNamed(wish.engine);
    const place = { folder: this.#folder, name: dataName(this.project, generation) };
    return { engine, place, options: optionsOf(engine, wish.options) };
  }

  async #write(placement: Placement): Promise<void> {
    await writePlacement(this.#folder, this.project, placement);
    this.#placement = placement;
  }
}

interface Opened {
  readonly engine: Engine;
  readonly place: Place;
  readonly options: object;
}

async function highestVersion(store: Store): Promise<number> {
  let highest = 0;
  let after: string | undefined;
  const limit = 500;
  for (;;) {
    const page = await store.scan({ limit, ...(after === undefined ? {} : { after }) });
    for (const { version } of page) highest = Math.max(highest, version);
    if (page.length < limit) return highest;
    after = page[page.length - 1]?.key;
  }
}
