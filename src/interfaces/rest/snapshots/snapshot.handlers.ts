import { inject, injectable } from 'tsyringe';
import { rules } from '../../../application/access/access-rules.js';
import { CheckAccess } from '../../../application/access/check-access.js';
import { Snapshots, type SnapshotView } from '../../../application/snapshots/snapshots.js';
import { projectOf } from '../request/path-values.js';
import type { Reply } from '../response/reply.js';
import type { ApiRequest } from '../routing/route.js';
import { keptMember } from '../transfer/kept-member.js';
import { readRestoreTarget } from './snapshot.bodies.js';

/** Snapshots of projects. */
@injectable()
export class SnapshotHandlers {
  constructor(
    @inject(Snapshots) private readonly snapshots: Snapshots,
    @inject(CheckAccess) private readonly checkAccess: CheckAccess,
  ) {}

  readonly list = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const snapshots = await this.snapshots.list(request.caller, project);
    const data = JSON.stringify(snapshots.map((snapshot) => snapshotJson(snapshot)));
    return { status: 200, data, message: `Snapshots of project '${project}' fetched successfully` };
  };

  readonly create = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const snapshot = await this.snapshots.create(request.caller, project, 'manual');
    const headers = { Location: `/api/v1/projects/${project}/snapshots/${snapshot.id}` };
    const message = `Snapshot '${snapshot.id}' of project '${project}' created successfully`;
    return { status: 201, headers, data: JSON.stringify(snapshotJson(snapshot)), message };
  };

  readonly get = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const snapshot = await this.snapshots.get(request.caller, project, idOf(request));
    return {
      status: 200,
      data: JSON.stringify(snapshotJson(snapshot)),
      message: `Snapshot '${snapshot.id}' fetched successfully`,
    };
  };

  readonly delete = async (request: ApiRequest): Promise<Reply> => {
    const id = idOf(request);
    await this.snapshots.delete(request.caller, projectOf(request), id);
    return { status: 200, message: `Snapshot '${id}' deleted successfully` };
  };

  readonly verify = async (request: ApiRequest): Promise<Reply> => {
    const id = idOf(request);
    const count = await this.snapshots.verify(request.caller, projectOf(request), id);
    return { status: 200, data: JSON.stringify({ count: count ?? null }), message: `Snapshot '${id}' is whole` };
  };

  readonly restore = async (request: ApiRequest): Promise<Reply> => {
    const project = projectOf(request);
    const into = readRestoreTarget(request.body) ?? project;
    const target = into === project ? undefined : { project: into, caller: await this.#callerFor(into, request) };
    const id = idOf(request);
    const { count, expired, removed, kept } = await this.snapshots.restore(request.caller, project, id, target);
    const message = `Snapshot '${id}' restored into project '${into}'`;
    const counts = { count: count ?? null, expired: expired ?? null, removed: removed ?? null };
    const data = JSON.stringify({ ...counts, ...keptMember(kept) });
    return { status: 200, data, message };
  };

  /**
   * The caller in another project. The key is valid here, so one that is wrong there counts as no failure of the
   * address.
   */
  #callerFor(project: string, { call }: ApiRequest) {
    return this.checkAccess.execute(call.secret, rules.admin, project, () => '');
  }
}

/** A snapshot as clients see it; times in seconds. */
function snapshotJson({ createdAt, encryption, ...snapshot }: SnapshotView): object {
  return {
    ...snapshot,
    count: snapshot.count ?? null,
    created_at: createdAt / 1000,
    encrypted: encryption !== undefined,
  };
}

function idOf(request: ApiRequest): string {
  return request.path.snapshot as string;
}
