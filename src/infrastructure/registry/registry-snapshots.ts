import type { NotedSnapshots, SnapshotNotes } from '../storage/snapshots/snapshot-notes.js';
import { hasProject, projectsWithSnapshots, snapshotsIn, withSnapshots } from './registry-documents.js';
import type { RegistryNode } from './registry-node.js';
import type { ServedDocuments } from './served-documents.js';

/** The snapshots of the projects, as their documents say. */
export class RegistrySnapshots implements SnapshotNotes {
  readonly #documents: ServedDocuments;
  readonly #server: RegistryNode;
  readonly #nodeId: () => string;

  constructor(documents: ServedDocuments, server: RegistryNode, nodeId: () => string) {
    this.#documents = documents;
    this.#server = server;
    this.#nodeId = nodeId;
  }

  get node(): string {
    return this.#nodeId();
  }

  of(project: string): NotedSnapshots | undefined {
    return snapshotsIn(this.#documents.served.documents, project);
  }

  projects(): readonly string[] {
    return projectsWithSnapshots(this.#documents.served.documents, this.node);
  }

  isDeleted(project: string): boolean {
    return !hasProject(this.#documents.served.documents, project);
  }

  async change(project: string, plan: (now: NotedSnapshots) => NotedSnapshots): Promise<NotedSnapshots | undefined> {
    let noted: NotedSnapshots | undefined;
    const revision = await this.#documents.change(({ documents }) => {
      noted = undefined;
      return withSnapshots(documents, project, (now) => {
        noted = plan(now);
        return noted;
      });
    });
    if (revision !== undefined) await this.#server.untilApplied(revision);
    return noted;
  }
}
