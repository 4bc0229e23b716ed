import { statfs } from 'node:fs/promises';
import type { Cipher, Ciphers } from '../../application/ports/cipher.js';
import type { Logger } from '../../application/ports/logger.js';
import type { Store } from '../../application/ports/store.js';
import { EncryptedStore } from '../../application/stores/encrypted-store.js';
import { Turns } from '../../application/turns.js';
import { AppError } from '../../domain/errors.js';
import type { KeySource, Project } from '../../domain/project.js';
import type { Engine, Place } from './engine.js';
import { engineNamed, optionsOf } from './engine-options.js';
import { generationOf, inCharge, wishOf } from './generations.js';
import { cipherWith, keyChecks } from './key-checks.js';
import {
  dataName,
  type EngineWish,
  type KeptGeneration,
  type OtherGeneration,
  type Placement,
  readPlacement,
  writePlacement,
} from './placement.js';
import { existingFiles, moveAside, removeFiles } from './project-files.js';

/** How long what was encrypted stays in plain beside it: until nothing reads or closes it any more, in ms. */
const KEEP_PLAIN_FOR = 60_000;

/** Where one project's data is, as its placement says, and what can be done with it there. */
export class PlacedStore {
  readonly #turns = new Turns();
  readonly #folder: string;
  readonly #log: Logger;
  readonly #ciphers: Ciphers;
  #placement: Placement | undefined;
  /** Generations that were left but still answer reads: their files have to stay. */
  readonly #inUse = new Set<number>();
  #abandoned = false;

  constructor(
    readonly project: string,
    folder: string,
    ciphers: Ciphers,
    log: Logger,
  ) {
    this.#folder = folder;
    this.#ciphers = ciphers;
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
    const wish = wishOf(storage);
    const { engine, place, options } = await this.#at({ ...wish, generation: 1 });
    const keys = await this.#newKeys(wish);
    await moveAside(await existingFiles(engine, place, options), this.#folder, this.#log);
    await engine.create(place, options);
    const version_floor = Date.now() * 1000;
    await this.#write({ ...wish, ...keys, generation: 1, configured: wish, version_floor, deleted: false });
  }

  /** Takes over files that lie there already, such as Simple-PyKV's, for a configured project; makes them where there are none. */
  async adopt(project: Project): Promise<void> {
    const { encryption: _, ...wish } = wishOf(project.storage);
    const { engine, place, options } = await this.#at({ ...wish, generation: 1 });
    const found = await existingFiles(engine, place, options);
    if (found.length === 0) return this.create(project);
    this.#log.info({ project: this.project, files: found }, 'Files found in the data folder are taken over');
    const store = await engine.open(place, options, this.#log);
    const floor = await highestVersion(store);
    await store.close();
    const version_floor = Math.max(floor, Date.now() * 1000);
    await this.#write({ ...wish, generation: 1, configured: wish, version_floor, deleted: false });
  }

  /** Opens what the placement says. Its keys are looked for where they were, then at `moved`, where the settings say now. */
  async open(moved?: KeySource): Promise<Store> {
    const cipher = await this.#cipherOf(this.placement, moved);
    if (cipher !== undefined) await this.#note(cipher);
    return this.#openAt(this.placement, cipher);
  }

  /** Whether the project's settings ask for another engine than the one that was last asked for. */
  differs({ storage }: Project): boolean {
    return JSON.stringify(wishOf(storage)) !== JSON.stringify(this.placement.configured);
  }

  /** Makes an empty store of the next generation beside the present one, where `wish` says. `bytes` are to go there. */
  async prepare(wish: EngineWish, bytes: number): Promise<Store> {
    const { generation, kept = [] } = this.placement;
    const next = Math.max(generation, ...kept.map((other) => other.generation)) + 1;
    const { engine: name, options: given, encryption } = wish;
    const plain = { engine: name, options: given };
    const sealed = encryption === undefined ? plain : { ...plain, encryption };
    const preparing = { ...sealed, ...(await this.#newKeys(sealed)), generation: next };
    const { engine, place, options } = await this.#at(preparing);
    if ((await engine.files(place, options)).length > 0) await this.#requireRoom(bytes);
    await moveAside(await existingFiles(engine, place, options), this.#folder, this.#log);
    await this.change({ preparing });
    try {
      await engine.create(place, options);
      const store = await this.#openAt(preparing, await this.#cipherOf(preparing));
      await requireEmpty(store);
      return store;
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** The switch to a copy elsewhere. The present generation is kept for `keepFor` ms, and one can go back to it. */
  async switch(keepFor: number): Promise<void> {
    const { preparing, kept = [], encryption } = this.placement;
    if (preparing === undefined) throw new Error('no generation was prepared');
    const bare = preparing.encryption !== undefined && encryption === undefined;
    const left = this.#leave(Date.now() + (bare ? KEEP_PLAIN_FOR : keepFor), !bare);
    const others = kept.map((other) => ({ ...other, current: false }));
    await this.change({ ...inCharge(preparing), preparing: undefined, kept: [...others, left] });
  }

  /** The switch to other content: nothing of what was there before is kept. */
  async replace(): Promise<void> {
    const { preparing, kept = [], configured } = this.placement;
    if (preparing === undefined) throw new Error('no generation was prepared');
    const until = Date.now();
    const others = kept.map((other) => ({ ...other, until, current: false }));
    const left = this.#leave(until, false);
    await this.change({ ...inCharge(preparing), configured, preparing: undefined, kept: [...others, left] });
  }

  /** A generation that was left answers no reads any more. */
  release(generation: number): void {
    this.#inUse.delete(generation);
  }

  /** Goes back to the generation left last, if nothing was written since; answers its store, not yet in charge of anything. */
  async back(): Promise<{ store: Store; switch: () => Promise<void> }> {
    const { kept = [] } = this.placement;
    const last = kept.at(-1);
    if (!last?.current) {
      throw new AppError('conflict', 'There are newer writes (or the old data is gone): move back the ordinary way');
    }
    if (this.#inUse.has(last.generation)) {
      throw new AppError('conflict', 'A copy of the old data is still being read; try again when it has ended');
    }
    const cipher = await this.#cipherOf(last);
    const store = await this.#openAt(last, cipher);
    const members = inCharge(last);
    if (cipher !== undefined) members.keys = keyChecks(cipher, last.keys);
    return {
      store,
      switch: () => this.change({ ...members, kept: [...kept.slice(0, -1), this.#leave(Date.now(), false)] }),
    };
  }

  /** Removes what a move that failed or was interrupted left behind. */
  async discard(): Promise<void> {
    const { preparing } = this.placement;
    if (preparing === undefined || this.#abandoned) return;
    await this.#remove(preparing);
    await this.change({ preparing: undefined });
  }

  /** Removes kept generations whose time has come. */
  async expireKept(now: number): Promise<void> {
    const gone = (this.placement.kept ?? []).filter(
      (other) => other.until <= now && !this.#inUse.has(other.generation),
    );
    if (gone.length === 0) return;
    for (const other of gone) await this.#remove(other);
    const generations = new Set(gone.map(({ generation }) => generation));
    await this.change(({ kept = [] }) => ({ kept: kept.filter(({ generation }) => !generations.has(generation)) }));
  }

  /** Notes, before the first write after a switch, that one cannot go back any more. */
  async markWritten(): Promise<void> {
    if (!this.canGoBack) return;
    await this.change(({ kept = [] }) => ({
      kept: kept.map((other): KeptGeneration => ({ ...other, current: false })),
    }));
  }

  get canGoBack(): boolean {
    return this.placement.kept?.some(({ current }) => current) ?? false;
  }

  /** Changes members of the placement, durably; undefined removes one. */
  async change(members: Members | ((now: Placement) => Members)): Promise<void> {
    await this.#turns.run(['placement'], () => {
      if (this.#abandoned) throw new AppError('unavailable', `project '${this.project}' is being deleted`);
      const changed = typeof members === 'function' ? members(this.placement) : members;
      return this.#write({ ...this.placement, ...changed } as Placement);
    });
  }

  /** Marks the project as deleted; nothing is written from here any more. */
  async abandon(): Promise<void> {
    await this.change({ deleted: true });
    this.#abandoned = true;
  }

  /** Removes every file of every generation. */
  async removeFiles(): Promise<void> {
    const { preparing, kept = [] } = this.placement;
    for (const other of [this.placement, ...kept, ...(preparing === undefined ? [] : [preparing])]) {
      await this.#remove(other);
    }
  }

  /** The present generation as one that is kept until a time in ms, its store still in use. */
  #leave(until: number, current: boolean): KeptGeneration {
    this.#inUse.add(this.placement.generation);
    return { ...generationOf(this.placement), until, current };
  }

  async #openAt(generation: OtherGeneration, cipher: Cipher | undefined): Promise<Store> {
    const { engine, place, options } = await this.#at(generation);
    const store = await engine.open(place, options, this.#log);
    return cipher === undefined ? store : new EncryptedStore(store, cipher);
  }

  /** Undefined where the generation is not encrypted. */
  async #cipherOf({ encryption, keys = [] }: OtherGeneration, moved?: KeySource): Promise<Cipher | undefined> {
    if (encryption === undefined) return undefined;
    const first = cipherWith(this.#ciphers, this.project, encryption, keys);
    if (moved === undefined) return first;
    return first.catch(() => cipherWith(this.#ciphers, this.project, moved, keys));
  }

  async #newKeys({ encryption }: EngineWish): Promise<Pick<Placement, 'keys'>> {
    if (encryption === undefined) return {};
    return { keys: keyChecks(await this.#ciphers.of(this.project, encryption)) };
  }

  /** Notes the key before anything is sealed with it. */
  async #note(cipher: Cipher): Promise<void> {
    const { keys = [] } = this.placement;
    if (!keys.some(({ id }) => id === cipher.keyId)) await this.change({ keys: keyChecks(cipher, keys) });
  }

  async #remove(generation: OtherGeneration): Promise<void> {
    const { engine, place, options } = await this.#at(generation);
    await removeFiles(engine, place, options);
  }

  async #at({ engine: name, options, generation }: OtherGeneration): Promise<Opened> {
    const engine = await engineNamed(name);
    const place = { folder: this.#folder, name: dataName(this.project, generation) };
    return { engine, place, options: optionsOf(engine, options) };
  }

  async #requireRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    const free = bavail * bsize;
    const needed = bytes * 2;
    if (free >= needed) return;
    throw new AppError(
      'insufficient_storage',
      `The copy needs about ${needed} bytes, ${free} are free in ${this.#folder}`,
    );
  }

  async #write(placement: Placement): Promise<void> {
    await writePlacement(this.#folder, this.project, placement);
    this.#placement = placement;
  }
}

type Members = { [K in keyof Placement]?: Placement[K] | undefined };

interface Opened {
  readonly engine: Engine;
  readonly place: Place;
  readonly options: object;
}

/** Where several share a place, something may be there. */
async function requireEmpty(store: Store): Promise<void> {
  const { keys } = await store.size();
  if (keys === 0) return;
  await store.close();
  throw new AppError('conflict', `There are ${keys} entries already where the data shall go`);
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
