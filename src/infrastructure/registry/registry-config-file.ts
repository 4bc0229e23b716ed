import { randomInt, randomUUID } from 'node:crypto';
import type { Awaitable } from '../../application/awaitable.js';
import { KeyedMutex } from '../../application/keyed-mutex.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { ConfigFile, valueAt } from '../config/config-file.js';
import { type Edit, editJson } from '../config/json/json-editor.js';
import { storedOwner, storeOwner, writeOwner } from '../storage/building-blocks/server/store-owner.js';
import { isRemoteEngine } from '../storage/engines/registry.js';
import type { SharedPlacements } from '../storage/placement/data-folder-context.js';
import { readPlacement } from '../storage/placement/files/stored-placement.js';
import { generationOf, requestedSpec } from '../storage/placement/generations.js';
import type { GenerationSpec } from '../storage/placement/placement.js';
import type { Documents, DocumentsRead } from './documents.js';
import {
  changedDocuments,
  FORMAT,
  INSTALLATION,
  installationIn,
  isSharedPath,
  mergedConfig,
  misplacedMembers,
  placementIn,
  SYSTEM,
} from './registry-documents.js';
import { RegistryNode, within } from './registry-node.js';

type Hasher = Pick<SecretHasher, 'verify' | 'hash' | 'keyIdOf'>;

/** The longest that a read or a commit may take, in ms. */
const TIMEOUT = 10_000;

/**
 * A configuration of which the file has only what is this node's own; the rest is in a registry that several servers
 * share. A change is answered once every one of them serves it.
 */
export class RegistryConfigFile extends ConfigFile {
  readonly node: RegistryNode;
  readonly #turn = new KeyedMutex();
  readonly #documents: Documents;
  readonly #folder: string;
  readonly #hasher: Hasher;
  /** What this server serves. */
  #applied: DocumentsRead = { revision: 0, documents: new Map() };
  /** Projects that were removed and made again elsewhere, so that their data is in another place. */
  #replaced = new Set<string>();

  /** `folder` is the data folder, which may be missing yet. */
  constructor(path: string, folder: string, documents: Documents, hasher: Hasher) {
    super(path);
    this.#folder = folder;
    this.#documents = documents;
    this.#hasher = hasher;
    this.node = new RegistryNode(documents, () => this.#applied.revision);
  }

  /** The whole configuration. Makes the first documents if there are none. */
  override async read(): Promise<unknown> {
    const own = await this.#own();
    const read = await this.#read();
    const found = read.documents.size === 0 ? await this.#createFirst(own) : read;
    const { id } = installationIn(found.documents) ?? { id: '' };
    const owner = await storedOwner(this.#folder);
    if (owner !== undefined && owner !== id) {
      throw unusable(
        `${this.#folder} has been used with the stores of another installation (${owner}) than the registry's ` +
          `(${id}): name another folder with system.storage.persistent_file_path, or another registry`,
      );
    }
    await this.#requireSameKey(own, found);
    this.#applied = found;
    return mergedConfig(own, found.documents);
  }

  /** Call it once the data folder is this server's: the names of stores are those of all nodes from then on. */
  override async claimFolder(): Promise<void> {
    const id = installationIn(this.#applied.documents)?.id as string;
    if ((await storedOwner(this.#folder)) === undefined) await writeOwner(this.#folder, id);
    if ((await storeOwner(this.#folder)) !== id) throw unusable(`${this.#folder} belongs to another installation`);
  }

  /** Mistakes have no place in a file here. */
  override async text(): Promise<string | undefined> {
    return undefined;
  }

  override reread<T>(use: (config: unknown) => Promise<T>): Promise<T> {
    return this.#turn.run(['change'], async () => {
      const [own, found] = [await this.#own(), await this.#read()];
      const before = this.#applied;
      if (installationIn(found.documents)?.id !== installationIn(before.documents)?.id) {
        throw unusable('The registry was emptied, or is another one by now: restore it');
      }
      // Before a project can be opened that has just come.
      this.#applied = { revision: before.revision, documents: found.documents };
      try {
        const used = await use(mergedConfig(own, found.documents));
        this.#noteReplaced(before);
        this.#applied = found;
        return used;
      } catch (error) {
        this.#applied = before;
        throw error;
      }
    });
  }

  override async change(plan: (config: unknown) => Awaitable<readonly Edit[]>, done: () => void): Promise<void> {
    const revision = await this.#turn.run(['change'], async () => {
      for (;;) {
        const [own, found] = [await this.#own(), await this.#read()];
        const config = mergedConfig(own, found.documents);
        const edits = await plan(config);
        await this.#changeOwn(edits.filter(({ path }) => !isSharedPath(path)));
        const shared = edits.filter(({ path }) => isSharedPath(path));
        const after = JSON.parse(editJson(JSON.stringify(config), shared));
        const changes = await changedDocuments(found.documents, after, (project) => this.#placementOf(project));
        if (shared.length === 0 || changes.size === 0) return done();
        const made = await within(TIMEOUT, this.#documents.commit(found.revision, changes));
        if (made === undefined) continue;
        if (found.revision === this.#applied.revision) this.#applied = withChanges(found, changes, made);
        done();
        return made;
      }
    });
    if (revision !== undefined) await this.node.untilApplied(revision);
  }

  override close(): Promise<void> {
    return this.node.stop();
  }

  override get shared(): SharedPlacements {
    return this;
  }

  override requireCurrent(): void {
    this.node.requireCurrent();
  }

  override requireAllowed(project: Project, before?: Project): void {
    const { engine } = project.storage;
    if (!isRemoteEngine(engine)) {
      const message =
        `storage.engine: "${engine}" keeps its data at one server, and several share the registry: ` +
        'choose postgres, etcd or redis';
      throw new AppError('invalid', message, { details: { path: 'storage.engine' } });
    }
    if (before === undefined) return;
    const [asked, now] = [project, before].map(({ storage }) => JSON.stringify(requestedSpec(storage)));
    if (asked === now) return;
    throw new AppError(
      'conflict',
      'The engine, its options and the encryption of a project cannot be changed while several servers share the ' +
        'registry: export it, and import it into a new project',
    );
  }

  /** Where the data of a project is, as the registry says. */
  placementOf(project: string): GenerationSpec | undefined {
    return placementIn(this.#applied.documents, project);
  }

  /** A number that the data of no project had. */
  newGeneration(): number {
    return randomInt(1, 2 ** 40);
  }

  /** The projects whose data is in another place since the last call. */
  takeReplaced(): readonly string[] {
    const replaced = [...this.#replaced];
    this.#replaced = new Set();
    return replaced;
  }

  async #own(): Promise<Record<string, unknown>> {
    const own = (await super.read()) as Record<string, unknown> | undefined;
    if (own === undefined) throw new AppError('invalid', `${this.path} is gone`);
    const misplaced = misplacedMembers(own);
    if (misplaced.length === 0) return own;
    const message = `${this.path}: ${misplaced.join(', ')} belong to the registry: take them out of this file`;
    throw new AppError('invalid', message);
  }

  #read(): Promise<DocumentsRead> {
    return within(TIMEOUT, this.#documents.read());
  }

  async #changeOwn(edits: readonly Edit[]): Promise<void> {
    if (edits.length === 0) return;
    await super.change(
      () => edits,
      () => undefined,
    );
  }

  /** The key of the first node's file becomes that of the system. */
  async #createFirst(own: unknown): Promise<DocumentsRead> {
    const owner = await storedOwner(this.#folder);
    if (owner !== undefined) {
      throw unusable(
        `The registry is empty, but ${this.#folder} has been used with stores of other servers: restore the ` +
          'registry, or name another folder with system.storage.persistent_file_path',
      );
    }
    const secret = plainKeyOf(own);
    const key =
      secret === undefined
        ? {}
        : { api_key_id: this.#hasher.keyIdOf(secret) ?? null, api_key_hash: await this.#hasher.hash(secret) };
    const first = new Map([
      [INSTALLATION, JSON.stringify({ format: FORMAT, id: randomUUID() })],
      [SYSTEM, JSON.stringify({ authentication: key })],
    ]);
    // Another node may make them at the same time.
    const { revision } = await this.#read();
    await within(TIMEOUT, this.#documents.commit(revision, first));
    return this.#read();
  }

  async #requireSameKey(own: unknown, { documents }: DocumentsRead): Promise<void> {
    const secret = plainKeyOf(own);
    const hash = valueAt(mergedConfig({}, documents), ['system', 'authentication', 'api_key_hash']);
    if (secret === undefined || (typeof hash === 'string' && (await this.#hasher.verify(secret, hash)))) return;
    const message = `${this.path}: system.authentication.api_key is not the system key of the registry: remove it`;
    throw new AppError('invalid', message);
  }

  /** Of a project that this server has just made. */
  async #placementOf(project: string): Promise<GenerationSpec> {
    const placement = await readPlacement(this.#folder, project);
    if (placement === undefined) throw unusable(`project '${project}' has no placement in ${this.#folder}`);
    return generationOf(placement);
  }

  #noteReplaced({ documents }: DocumentsRead): void {
    for (const name of documents.keys()) {
      const project = name.slice(name.indexOf('/') + 1);
      const [old, now] = [placementIn(documents, project), this.placementOf(project)];
      if (old !== undefined && now !== undefined && old.generation !== now.generation) this.#replaced.add(project);
    }
  }
}

function plainKeyOf(own: unknown): string | undefined {
  const key = valueAt(own, ['system', 'authentication', 'api_key']);
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function withChanges(
  { documents }: DocumentsRead,
  changes: ReadonlyMap<string, string | undefined>,
  revision: number,
): DocumentsRead {
  const next = new Map(documents);
  for (const [name, text] of changes) {
    if (text === undefined) next.delete(name);
    else next.set(name, text);
  }
  return { revision, documents: next };
}

function unusable(message: string): AppError {
  return new AppError('unavailable', message, { isPermanent: true });
}
