import { inject, injectable } from 'tsyringe';
import { CreateProject } from '../../../../application/projects/create-project.js';
import { DeleteProject } from '../../../../application/projects/delete-project.js';
import { ViewProjects } from '../../../../application/projects/view-projects.js';
import type { Identity } from '../../../../domain/api-key.js';
import { AppError } from '../../../../domain/errors.js';
import { compareKeys } from '../../../../domain/key.js';
import type { Project } from '../../../../domain/project.js';
import { projectOf } from '../../request/path-values.js';
import { UNCACHED } from '../../response/cache-control.js';
import type { Reply } from '../../response/reply.js';
import { integer, oneOf, type ParameterValues } from '../../routing/query-parameters.js';
import type { ApiRequest } from '../../routing/route.js';
import { readTitle } from './cloudflare.bodies.js';
import { success } from './cloudflare-envelope.js';

const PER_PAGE = 20;

export const namespaceParameters = {
  page: integer('Which page.', 1, 1_000_000),
  per_page: integer('How many namespaces a page has.', 1, 1000),
  order: oneOf('What they are sorted by; title and id are the same here.', ['id', 'title']),
  direction: oneOf('In which direction.', ['asc', 'desc']),
};

/** Namespaces, which are the projects that name this dialect: the id of a project is the id and the title of one. */
@injectable()
export class NamespaceHandlers {
  constructor(
    @inject(ViewProjects) private readonly viewProjects: ViewProjects,
    @inject(CreateProject) private readonly createProject: CreateProject,
    @inject(DeleteProject) private readonly deleteProject: DeleteProject,
  ) {}

  readonly list = ({ caller, query }: ApiRequest<ParameterValues<typeof namespaceParameters>>): Reply => {
    const { page = 1, per_page: perPage = PER_PAGE, direction } = query;
    const all = this.#visibleTo(caller)
      .filter(({ dialects }) => dialects?.includes('cloudflare'))
      .map(({ id }) => id)
      .sort(compareKeys);
    if (direction === 'desc') all.reverse();
    const shown = all.slice((page - 1) * perPage, page * perPage);
    const info = { page, per_page: perPage, count: shown.length, total_count: all.length };
    return success(`[${shown.map((id) => namespaceJson(id)).join(',')}]`, JSON.stringify(info));
  };

  readonly get = (request: ApiRequest): Reply =>
    success(namespaceJson(this.viewProjects.get(request.caller, projectOf(request)).id));

  /** The result also has the key of the project, which is needed to use the namespace. */
  readonly create = async ({ caller, body }: ApiRequest): Promise<Reply> => {
    const { title } = readTitle(body);
    const secret = await this.createProject.execute(caller, title, { dialects: ['cloudflare'] });
    return success(namespaceJson(title, secret), undefined, UNCACHED);
  };

  readonly rename = (request: ApiRequest): Reply => {
    const { id } = this.viewProjects.get(request.caller, projectOf(request));
    const { title } = readTitle(request.body);
    if (title === id) return success(namespaceJson(id));
    throw new AppError('invalid', `title: that of a namespace is the id of its project, '${id}', which never changes`, {
      details: { path: 'title' },
    });
  };

  readonly delete = async (request: ApiRequest): Promise<Reply> => {
    await this.deleteProject.execute(request.caller, projectOf(request));
    return success('null');
  };

  /** All projects for the system key, its own for a key of a project. */
  #visibleTo(caller: Identity): readonly Project[] {
    return caller.project === undefined
      ? this.viewProjects.list(caller)
      : [this.viewProjects.get(caller, caller.project)];
  }
}

function namespaceJson(id: string, secret?: string): string {
  return JSON.stringify({ id, title: id, supports_url_encoding: true, ...(secret && { new_api_key: secret }) });
}
