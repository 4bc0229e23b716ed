import { randomInt } from 'node:crypto';
import { AppError } from '../../domain/errors.js';
import { projectNotFound } from '../../domain/project.js';
import type { SharedPlacement, SharedPlacements } from '../storage/placement/data-folder-context.js';
import { generationOf } from '../storage/placement/generations.js';
import { placementIn, withPlacement } from './registry-documents.js';
import type { RegistryLeases } from './registry-leases.js';
import type { RegistryNode } from './registry-node.js';
import type { ServedDocuments } from './served-documents.js';

/** Where the data of the projects is, as their documents say. */
export class RegistryPlacements implements SharedPlacements {
  readonly #documents: ServedDocuments;
  readonly #leases: RegistryLeases;
  readonly #server: RegistryNode;
  readonly #nodeId: () => string;
  /** Ends the change of a place that is not that of this server yet. */
  readonly #unsettled = new Map<string, () => void>();
  /** The highest revision of which it was asked whether all servers know it. */
  #following = { revision: 0, ended: Promise.resolve() };

  constructor(documents: ServedDocuments, leases: RegistryLeases, server: RegistryNode, nodeId: () => string) {
    this.#documents = documents;
    this.#leases = leases;
    this.#server = server;
    this.#nodeId = nodeId;
  }

  get node(): string {
    return this.#nodeId();
  }

  placementOf(project: string): SharedPlacement | undefined {
    return placementIn(this.#documents.served.documents, project);
  }

  async newest(project: string): Promise<SharedPlacement | undefined> {
    return placementIn((await this.#documents.read()).documents, project);
  }

  newGeneration(): number {
    return randomInt(1, 2 ** 40);
  }

  begin(project: string): Promise<void> {
    return this.#leases.acquire(leaseOf(project));
  }

  async requireBegun(project: string): Promise<void> {
    this.#server.requireCurrent();
    // What is served may be from before the lease was taken.
    this.#leases.requireHeld(leaseOf(project), await this.#documents.read());
  }

  end(project: string): Promise<void> {
    return this.#leases.release(leaseOf(project));
  }

  begunBy(project: string): 'this' | 'another' | undefined {
    return this.#leases.holderOf(leaseOf(project));
  }

  async change(project: string, plan: (now: SharedPlacement) => SharedPlacement): Promise<void> {
    const release = await this.#documents.acquire();
    let keeps = false;
    try {
      while (!keeps) {
        const found = await this.#documents.read();
        const now = placementIn(found.documents, project);
        if (now === undefined) throw projectNotFound(project);
        const next = sharedOf(plan(now), now);
        if (JSON.stringify(now) === JSON.stringify(next)) return;
        const isElsewhere = now.generation !== next.generation;
        if (isElsewhere && now.preparing?.generation !== next.generation) throw isMoved(project);
        if (isElsewhere || now.preparing?.generation !== next.preparing?.generation) {
          this.#leases.requireHeld(leaseOf(project), found);
        }
        const changes = withPlacement(found.documents, project, next);
        const revision = await this.#documents.commit(found, changes, !isElsewhere);
        if (revision === undefined) continue;
        if (!isElsewhere) return;
        this.#unsettled.set(project, () => {
          this.#documents.serveCommit(found, changes, revision);
          release();
        });
        keeps = true;
      }
    } finally {
      if (!keeps) release();
    }
  }

  async settle(project: string): Promise<void> {
    this.#unsettled.get(project)?.();
    this.#unsettled.delete(project);
    await this.#server.untilApplied(this.#documents.newest);
  }

  async whenFollowed(): Promise<void> {
    await this.#server.joined;
    const { newest } = this.#documents;
    if (newest > this.#following.revision) {
      this.#following = { revision: newest, ended: this.#server.untilApplied(newest) };
    }
    await this.#following.ended;
  }
}

function leaseOf(project: string): string {
  return `projects/${project}`;
}

/** What all servers know of a placement. Options that need no move are those of the settings. */
function sharedOf(next: SharedPlacement, now: SharedPlacement): SharedPlacement {
  const { preparing, kept, migrations } = next;
  const current = generationOf(next.generation === now.generation ? now : next);
  return JSON.parse(JSON.stringify({ ...current, preparing, kept, migrations }));
}

function isMoved(project: string): AppError {
  return new AppError('conflict', `Another server has put the data of project '${project}' elsewhere meanwhile`);
}
