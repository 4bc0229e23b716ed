import { inject, injectable } from 'tsyringe';
import { CheckAccess } from '../../../application/access/check-access.js';
import { Projects } from '../../../application/ports/registry/projects.js';
import type { SnapshotRecord } from '../../../application/ports/registry/snapshot-files.js';
import { Snapshots } from '../../../application/snapshots/snapshots.js';
import { isDiscoverable } from '../entries/discoverable.js';
import { apiKeyOf } from '../request/api-key-header.js';
import { projectOf } from '../request/path-values.js';
import { rules } from '../routing/access-rules.js';
import type { ApiRequest, Reply } from '../routing/route.js';
import { readRestoreTarget } from './snapshot.bodies.js';

/** Snapshots of projects. */
@injectable()
export class SnapshotHandlers {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(Snapshots) private readonly snapshots: Snapshots,
    @inject(CheckAccess) private readonly checkAccess: CheckAccess,
  ) {}

  readonly list = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const snapshots = await this.snapshots.list(project);
    const data = JSON.stringify(snapshots.map((snapshot) => this.#shown(project, snapshot)));
    return { status: 200, data, message: `Snapshots of project '${project}' fetched successfully` };
  };

  readonly create = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const snapshot = await this.snapshots.create(project, 'manual');
    const headers = { Location: `/api/v1/projects/${project}/snapshots/${snapshot.id}` };
    const message = `Snapshot '${snapshot.id}' of project '${project}' created successfully`;
    return { status: 201, headers, data: JSON.stringify(this.#shown(project, snapshot)), message };
  };

  readonly get = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const snapshot = await this.snapshots.get(project, idOf(request));
    return {
      status: 200,
      data: JSON.stringify(this.#shown(project, snapshot)),
      message: `Snapshot '${snapshot.id}' fetched successfully`,
    };
  };

  readonly delete = async (request: ApiRequest): Promise<Reply> => {
    const id = idOf(request);
    await this.snapshots.delete(projectOf(request), id);
    return { status: 200, message: `Snapshot '${id}' deleted successfully` };
  };

  readonly restore = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const into = readRestoreTarget(request.body) ?? project;
    // Whoever comes here has shown a right key already, so no address needs to be held to account for a wrong one.
    if (into !== project) await this.checkAccess.execute(apiKeyOf(request.headers), rules.admin, into, () => '');
    const id = idOf(request);
    const { put, expired, removed = 0 } = await this.snapshots.restore(project, id, into);
    const message = `Snapshot '${id}' restored into project '${into}'`;
    const told = [project, into].every((one) => isDiscoverable(this.projects, one));
    const counts = told ? { count: put, expired, removed } : { count: null, expired: null, removed: null };
    return { status: 200, data: JSON.stringify(counts), message };
  };

  /** A snapshot as clients see it; times in seconds. */
  #shown(project: string, { createdAt, encryption, ...snapshot }: SnapshotRecord): object {
    return {
      ...snapshot,
      count: isDiscoverable(this.projects, project) ? snapshot.count : null,
      created_at: createdAt / 1000,
      encrypted: encryption !== undefined,
    };
  }
}

function idOf(request: ApiRequest): string {
  return request.path.snapshot as string;
}
