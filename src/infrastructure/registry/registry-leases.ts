import type { Logger } from '../../application/ports/logger.js';
import type { Leases } from '../../application/ports/registry/leases.js';
import { AppError } from '../../domain/errors.js';
import type { DocumentsRead } from './documents.js';
import { type LeaseDocument, leaseIn, leaseName, leasesIn, placementIn } from './registry-documents.js';
import type { RegistryNode } from './registry-node.js';
import type { ServedDocuments } from './served-documents.js';

/** The lease for sweeps and snapshots of the projects that all servers have. */
export const MAINTENANCE = 'maintenance';
/** The time between two looks at the one that another server has, in ms. */
const INTERVAL = 500;

/**
 * Leases are documents: a server has the one that names it, as long as it reports. One that has not reported for some
 * seconds refuses requests, and has lost its leases: another one may take them. Each has a token that rises.
 */
export class RegistryLeases implements Leases {
  readonly isShared = true;
  readonly #documents: ServedDocuments;
  readonly #node: RegistryNode;
  /** The name of this server, which outlives its process. */
  readonly #nodeId: () => string;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(documents: ServedDocuments, node: RegistryNode, nodeId: () => string) {
    this.#documents = documents;
    this.#node = node;
    this.#nodeId = nodeId;
  }

  /** What is kept at one server is maintained there. */
  maintains(project: string): boolean {
    const { node } = placementIn(this.#documents.served.documents, project) ?? {};
    return node === undefined ? this.holds(MAINTENANCE) : node === this.#nodeId();
  }

  /** Whether this server has the lease, and surely no other one. */
  holds(name: string): boolean {
    return this.#node.isReporting && this.#isOwn(leaseIn(this.#documents.served.documents, name));
  }

  /** Takes the lease for maintenance as soon as no server has it. */
  start(log: Logger): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#takeMaintenance(log).finally(() => {
        this.#looking = undefined;
      });
    }, INTERVAL).unref();
  }

  /** Call it while this server still reports: others may take what it had at once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    if (this.holds(MAINTENANCE)) await this.release(MAINTENANCE).catch(() => undefined);
  }

  /** Takes a lease. Rejects with `conflict`, naming the server, while another one has it. */
  async acquire(name: string): Promise<void> {
    await this.#documents.change((found) => {
      const lease = leaseIn(found.documents, name);
      if (lease !== undefined && !this.#isOwn(lease) && this.#node.mayHaveLeases(lease.holder))
        throw isHeld(name, lease);
      return this.#taken(name, found);
    });
  }

  /** Gives up a lease, if this server still has it. */
  async release(name: string): Promise<void> {
    await this.#documents.change(({ documents }) =>
      this.#isOwn(leaseIn(documents, name)) ? new Map([[leaseName(name), undefined]]) : new Map(),
    );
  }

  /** Which server may have the lease, as this one knows. */
  holderOf(name: string): 'this' | 'another' | undefined {
    const lease = leaseIn(this.#documents.served.documents, name);
    if (lease === undefined) return undefined;
    if (this.#isOwn(lease)) return 'this';
    return this.#node.mayHaveLeases(lease.holder) ? 'another' : undefined;
  }

  /** The leases that a process has, as this server knows. */
  heldBy(run: string): readonly string[] {
    const { documents } = this.#documents.served;
    return leasesIn(documents).filter((name) => leaseIn(documents, name)?.holder === run);
  }

  /** Throws `conflict` unless this server has the lease in documents that were read. */
  requireHeld(name: string, { documents }: DocumentsRead): void {
    const lease = leaseIn(documents, name);
    if (this.#isOwn(lease)) return;
    if (lease !== undefined) throw isHeld(name, lease);
    throw isLost(name);
  }

  async #takeMaintenance(log: Logger): Promise<void> {
    if (!this.#node.isReporting || this.holderOf(MAINTENANCE) !== undefined) return;
    try {
      await this.acquire(MAINTENANCE);
      log.info({}, 'this server sweeps and takes snapshots from now on');
    } catch {
      // Another one was faster, or the registry does not answer: the next look finds out.
    }
  }

  #taken(name: string, { revision }: DocumentsRead): ReadonlyMap<string, string> {
    const lease: LeaseDocument = { holder: this.#node.run, node: this.#nodeId(), token: revision };
    return new Map([[leaseName(name), JSON.stringify(lease)]]);
  }

  #isOwn(lease: LeaseDocument | undefined): boolean {
    return lease?.holder === this.#node.run;
  }
}

function isLost(name: string): AppError {
  return new AppError('conflict', `This server has lost the lease '${name}'`);
}

function isHeld(name: string, { node }: LeaseDocument): AppError {
  return new AppError('conflict', `Server ${node} has the lease '${name}': try again when it is done`);
}
