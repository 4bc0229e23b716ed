import { inject, injectable } from 'tsyringe';
import { RegenerateApiKey } from '../../../application/api-keys/regenerate-api-key.js';
import { CreateProject } from '../../../application/projects/create-project.js';
import { DeleteProject } from '../../../application/projects/delete-project.js';
import { EXISTING } from '../../../application/projects/existing-data.js';
import { UpdateProject } from '../../../application/projects/update-project.js';
import { ViewProjects } from '../../../application/projects/view-projects.js';
import { AppError } from '../../../domain/errors.js';
import { migrationJson, migrationUrl } from '../migrations/migration-json.js';
import { objectOf, parseJsonBody } from '../request/json-body.js';
import { projectOf } from '../request/path-values.js';
import { UNCACHED } from '../response/cache-control.js';
import type { Reply } from '../response/reply.js';
import { flag, oneOf, type ParameterValues } from '../routing/query-parameters.js';
import type { ApiRequest } from '../routing/route.js';

export const createParameters = {
  existing: oneOf(
    'What becomes of data that the data folder already has under this id: the project adopts it, or it is renamed. ' +
      'Without it that is a conflict.',
    EXISTING,
  ),
};

export const deleteParameters = {
  force: flag('Also a project that cannot be read and has snapshots, which are deleted, too.'),
};

type CreateQuery = ParameterValues<typeof createParameters>;

/** Projects and their settings. */
@injectable()
export class ProjectHandlers {
  constructor(
    @inject(ViewProjects) private readonly viewProjects: ViewProjects,
    @inject(CreateProject) private readonly createProject: CreateProject,
    @inject(UpdateProject) private readonly updateProject: UpdateProject,
    @inject(DeleteProject) private readonly deleteProject: DeleteProject,
    @inject(RegenerateApiKey) private readonly regenerateApiKey: RegenerateApiKey,
  ) {}

  readonly list = ({ caller }: ApiRequest): Reply => {
    const settings = Object.fromEntries(this.viewProjects.list(caller).map(({ id, ...rest }) => [id, rest]));
    return { status: 200, data: JSON.stringify(settings), message: 'Project listing fetched successfully' };
  };

  readonly create = async ({ body, caller, query }: ApiRequest<CreateQuery>): Promise<Reply> => {
    const { id, ...settings } = objectOf(parseJsonBody(body));
    if (id === undefined || id === null || id === '') {
      throw new AppError('invalid', "Project 'id' is required in the request body");
    }
    if (typeof id !== 'string') {
      throw new AppError('invalid', `id: ${JSON.stringify(id).slice(0, 100)} is no string`, {
        details: { path: 'id' },
      });
    }
    const secret = await this.createProject.execute(caller, id, settings, query.existing);
    if (secret === undefined) {
      const message =
        'Project created successfully. No API key generated (authentication for this project may be disabled).';
      return { status: 201, headers: UNCACHED, message };
    }
    const message = 'Project created successfully. Store the returned API key securely as it may not be shown again.';
    return { status: 201, headers: UNCACHED, data: JSON.stringify({ new_api_key: secret }), message };
  };

  readonly get = async (request: ApiRequest): Promise<Reply> => {
    const id = projectOf(request);
    const project = this.viewProjects.get(request.caller, id);
    const durability = await this.viewProjects.durability(request.caller, id);
    const data = JSON.stringify({ ...project, durability });
    return { status: 200, data, message: `Project '${id}' details fetched successfully` };
  };

  readonly update = async (request: ApiRequest): Promise<Reply> => {
    const id = projectOf(request);
    const changes = objectOf(parseJsonBody(request.body));
    const migration = await this.updateProject.execute(request.caller, id, changes);
    const message = `Project '${id}' updated successfully`;
    if (migration === undefined) return { status: 200, message };
    const headers = { Location: migrationUrl(id, migration) };
    const data = migrationJson(id, migration);
    return { status: 202, headers, data, message: `${message}; its data is being moved` };
  };

  readonly delete = async (request: ApiRequest<ParameterValues<typeof deleteParameters>>): Promise<Reply> => {
    const id = projectOf(request);
    await this.deleteProject.execute(request.caller, id, { force: request.query.force === true });
    return { status: 200, message: `Project '${id}' deleted successfully` };
  };

  readonly regenerateKey = async (request: ApiRequest): Promise<Reply> => {
    const id = projectOf(request);
    const secret = await this.regenerateApiKey.execute(request.caller, id);
    const message = `API key regenerated successfully for project '${id}'`;
    return { status: 200, headers: UNCACHED, data: JSON.stringify({ new_api_key: secret }), message };
  };
}
