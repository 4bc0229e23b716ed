import type { Awaitable } from '../../application/awaitable.js';
import { KeyedMutex } from '../../application/keyed-mutex.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { ConfigFile } from '../config/config-file.js';
import { type Edit, editJson } from '../config/json/json-editor.js';
import { isRemoteEngine } from '../storage/engines/registry.js';
import { readPlacement } from '../storage/placement/files/stored-placement.js';
import { generationOf, requestedSpec } from '../storage/placement/generations.js';
import type { GenerationSpec } from '../storage/placement/placement.js';
import type { Documents } from './documents.js';
import { claimFolder, readOrCreate, requireSameKey } from './installation.js';
import { requireOwn } from './own-settings.js';
import { changedDocuments, installationIn, isSharedPath, mergedConfig, unusable } from './registry-documents.js';
import { RegistryNode } from './registry-node.js';
import { RegistryPlacements } from './registry-placements.js';
import { ServedDocuments } from './served-documents.js';

/**
 * A configuration of which the file has only what is this node's own; the rest is in a registry that several servers
 * share. A change is answered once every one of them serves it.
 */
export class RegistryConfigFile extends ConfigFile {
  readonly node: RegistryNode;
  override readonly shared: RegistryPlacements;
  readonly #turn = new KeyedMutex();
  readonly #documents: ServedDocuments;
  readonly #folder: string;
  readonly #hasher: Pick<SecretHasher, 'verify' | 'hash' | 'keyIdOf'>;

  /** `folder` is the data folder, which may be missing yet. */
  constructor(
    path: string,
    folder: string,
    documents: Documents,
    hasher: Pick<SecretHasher, 'verify' | 'hash' | 'keyIdOf'>,
  ) {
    super(path);
    this.#folder = folder;
    this.#documents = new ServedDocuments(documents);
    this.#hasher = hasher;
    this.shared = new RegistryPlacements(this.#documents);
    this.node = new RegistryNode(documents, () => this.#documents.served.revision);
  }

  /** The whole configuration. Makes the first documents if there are none. */
  override async read(): Promise<unknown> {
    const own = await this.#own();
    const found = await readOrCreate(this.#documents, this.#folder, own, this.#hasher);
    await requireSameKey(this.path, own, found, this.#hasher);
    this.#documents.serve(found);
    return mergedConfig(own, found.documents);
  }

  override claimFolder(): Promise<void> {
    return claimFolder(this.#folder, this.#documents.installation as string);
  }

  /** Mistakes have no place in a file here. */
  override async text(): Promise<string | undefined> {
    return undefined;
  }

  override reread<T>(use: (config: unknown) => Promise<T>): Promise<T> {
    return this.#turn.run(['change'], async () => {
      const [own, found] = [await this.#own(), await this.#documents.read()];
      const before = this.#documents.served;
      if (installationIn(found.documents)?.id !== this.#documents.installation) {
        throw unusable('The registry was emptied, or is another one by now: restore it');
      }
      // Before a project can be opened that has just come.
      this.#documents.serve({ revision: before.revision, documents: found.documents });
      try {
        const used = await use(mergedConfig(own, found.documents));
        this.shared.noteReplaced(before);
        this.#documents.serve(found);
        return used;
      } catch (error) {
        this.#documents.serve(before);
        throw error;
      }
    });
  }

  override async change(plan: (config: unknown) => Awaitable<readonly Edit[]>, done: () => void): Promise<void> {
    const revision = await this.#turn.run(['change'], async () => {
      for (;;) {
        const [own, found] = [await this.#own(), await this.#documents.read()];
        const config = mergedConfig(own, found.documents);
        const edits = await plan(config);
        await this.#changeOwn(edits.filter(({ path }) => !isSharedPath(path)));
        const shared = edits.filter(({ path }) => isSharedPath(path));
        const after = JSON.parse(editJson(JSON.stringify(config), shared));
        const changes = await changedDocuments(found.documents, after, (project) => this.#placementOf(project));
        if (shared.length === 0 || changes.size === 0) return done();
        const made = await this.#documents.commit(found, changes);
        if (made === undefined) continue;
        done();
        return made;
      }
    });
    if (revision !== undefined) await this.node.untilApplied(revision);
  }

  override close(): Promise<void> {
    return this.node.stop();
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

  async #own(): Promise<Record<string, unknown>> {
    return requireOwn(await super.read(), this.path);
  }

  async #changeOwn(edits: readonly Edit[]): Promise<void> {
    if (edits.length === 0) return;
    await super.change(
      () => edits,
      () => undefined,
    );
  }

  /** Of a project that this server has just made. */
  async #placementOf(project: string): Promise<GenerationSpec> {
    const placement = await readPlacement(this.#folder, project);
    if (placement === undefined) throw unusable(`project '${project}' has no placement in ${this.#folder}`);
    return generationOf(placement);
  }
}
