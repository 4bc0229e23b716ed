import type { Awaitable } from '../../application/awaitable.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { ConfigFile } from '../config/config-file.js';
import { type Edit, editJson } from '../config/json/json-editor.js';
import type { SharedPlacement } from '../storage/placement/data-folder-context.js';
import { readPlacement } from '../storage/placement/files/stored-placement.js';
import type { Documents, DocumentsRead } from './documents.js';
import { claimFolder, readOrCreate, requireSameKey } from './installation.js';
import { requireOwn } from './own-settings.js';
import {
  changedDocuments,
  installationIn,
  isSharedPath,
  mergedConfig,
  sharedPlacement,
  unusable,
} from './registry-documents.js';
import { RegistryLeases } from './registry-leases.js';
import { RegistryNode } from './registry-node.js';
import { RegistryPlacements } from './registry-placements.js';
import { RegistryRates } from './registry-rates.js';
import { RegistrySnapshots } from './registry-snapshots.js';
import { ServedDocuments } from './served-documents.js';

/**
 * A configuration of which the file has only what is this node's own; the rest is in a registry that several servers
 * share. A change is answered once every one of them serves it.
 */
export class RegistryConfigFile extends ConfigFile {
  readonly node: RegistryNode;
  override readonly shared: RegistryPlacements;
  override readonly leases: RegistryLeases;
  override readonly rates = new RegistryRates();
  readonly snapshots: RegistrySnapshots;
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
    this.node = new RegistryNode(documents, () => this.#documents.served.revision, this.rates);
    const nodeId = () => this.nodeId ?? '';
    this.leases = new RegistryLeases(this.#documents, this.node, nodeId);
    this.shared = new RegistryPlacements(this.#documents, this.leases, this.node, nodeId);
    this.snapshots = new RegistrySnapshots(this.#documents, this.node, nodeId);
  }

  /** The whole configuration. Makes the first documents if there are none. */
  override async read(): Promise<unknown> {
    const own = await this.#own();
    const found = await readOrCreate(this.#documents, this.#folder, own, this.#hasher);
    await requireSameKey(this.path, own, found, this.#hasher);
    this.#documents.serve(found);
    return mergedConfig(own, found.documents);
  }

  override async claimFolder(): Promise<void> {
    await claimFolder(this.#folder, this.#documents.installation as string);
  }

  /** Mistakes have no place in a file here. */
  override async text(): Promise<string | undefined> {
    return undefined;
  }

  override reread<T>(use: (config: unknown) => Promise<T>): Promise<T> {
    return this.#documents.exclusively(async () => {
      const [own, found] = [await this.#own(), await this.#documents.read()];
      const before = this.#documents.served;
      if (installationIn(found.documents)?.id !== this.#documents.installation) {
        throw unusable('The registry was emptied, or is another one by now: restore it');
      }
      // Before a project can be opened that has just come.
      this.#documents.serve({ revision: before.revision, documents: found.documents });
      try {
        const used = await use(mergedConfig(own, found.documents));
        this.#documents.serve(found);
        return used;
      } catch (error) {
        this.#documents.serve(before);
        throw error;
      }
    });
  }

  override async change(plan: (config: unknown) => Awaitable<readonly Edit[]>, done: () => void): Promise<void> {
    const planned = async ({ documents }: DocumentsRead) => {
      const config = mergedConfig(await this.#own(), documents);
      const edits = await plan(config);
      await this.#changeOwn(edits.filter(({ path }) => !isSharedPath(path)));
      const shared = edits.filter(({ path }) => isSharedPath(path));
      if (shared.length === 0) return new Map();
      const after = JSON.parse(editJson(JSON.stringify(config), shared));
      return changedDocuments(documents, after, (project) => this.#placementOf(project));
    };
    const revision = await this.#documents.change(planned, done);
    if (revision !== undefined) await this.node.untilApplied(revision);
  }

  override async close(): Promise<void> {
    await this.leases.stop();
    await this.node.stop();
  }

  override requireCurrent(): void {
    this.node.requireCurrent();
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
  async #placementOf(project: string): Promise<SharedPlacement> {
    const placement = await readPlacement(this.#folder, project);
    if (placement === undefined) throw unusable(`project '${project}' has no placement in ${this.#folder}`);
    return sharedPlacement(placement, this.nodeId ?? '');
  }
}
