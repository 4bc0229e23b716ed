import { inject, injectable } from 'tsyringe';
import { requireProject } from '../../../application/access/require-project.js';
import { RegenerateApiKey } from '../../../application/api-keys/regenerate-api-key.js';
import { Projects } from '../../../application/ports/registry/projects.js';
import { ServerSettings } from '../../../application/ports/server-settings.js';
import { CreateProject } from '../../../application/projects/create-project.js';
import { DeleteProject } from '../../../application/projects/delete-project.js';
import { UpdateProject } from '../../../application/projects/update-project.js';
import { AppError } from '../../../domain/errors.js';
import { UNCACHED } from '../api-keys/api-key.handlers.js';
import { migrationJson, migrationUrl } from '../migrations/migration.handlers.js';
import { objectOf, parseJsonBody } from '../request/json-body.js';
import { projectOf } from '../request/path-values.js';
import type { ApiRequest, Reply } from '../routing/route.js';
import { requireOwnSettings } from './restricted-settings.js';

/** Projects and their settings. */
@injectable()
export class ProjectHandlers {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(ServerSettings) private readonly settings: ServerSettings,
    @inject(CreateProject) private readonly createProject: CreateProject,
    @inject(UpdateProject) private readonly updateProject: UpdateProject,
    @inject(DeleteProject) private readonly deleteProject: DeleteProject,
    @inject(RegenerateApiKey) private readonly regenerateApiKey: RegenerateApiKey,
  ) {}

  readonly #isProject = (id: string): boolean => this.projects.get(id) !== undefined;

  readonly list = (): Reply => {
    if (!this.settings.projectDiscoverable) throw new AppError('forbidden', 'Project listing is disabled');
    const settings = Object.fromEntries(this.projects.list().map(({ id, ...rest }) => [id, rest]));
    return { status: 200, data: JSON.stringify(settings), message: 'Project listing fetched successfully' };
  };

  readonly create = async ({ body, identity }: ApiRequest): Promise<Reply> => {
    const { id, ...settings } = objectOf(parseJsonBody(body));
    if (id === undefined || id === null || id === '')
      throw new AppError('invalid', "Project 'id' is required in the request body");
    if (typeof id !== 'string') {
      throw new AppError('invalid', `id: ${JSON.stringify(id).slice(0, 100)} is no string`, {
        details: { path: 'id' },
      });
    }
    requireOwnSettings(settings, identity, this.#isProject);
    const secret = await this.createProject.execute(id, settings);
    if (secret === undefined) {
      const message =
        'Project created successfully. No API key generated (authentication for this project may be disabled).';
      return { status: 201, headers: UNCACHED, message };
    }
    const message = 'Project created successfully. Store the returned API key securely as it may not be shown again.';
    return { status: 201, headers: UNCACHED, data: JSON.stringify({ new_api_key: secret }), message };
  };

  readonly get = (request: ApiRequest): Reply => {
    const id = projectOf(request);
    const data = JSON.stringify(requireProject(this.projects, id));
    return { status: 200, data, message: `Project '${id}' details fetched successfully` };
  };

  readonly update = async (request: ApiRequest): Promise<Reply> => {
    const id = projectOf(request);
    const changes = objectOf(parseJsonBody(request.body));
    if (Object.hasOwn(changes, 'id')) {
      throw new AppError('invalid', 'Updating project ID via this route is not allowed.');
    }
    if (Object.hasOwn(changes, 'authentication')) {
      throw new AppError(
        'invalid',
        'Updating authentication settings via this route is not allowed. Use the regenerate API key route instead.',
      );
    }
    requireOwnSettings(changes, request.identity, this.#isProject);
    const migration = await this.updateProject.execute(id, changes);
    const message = `Project '${id}' updated successfully`;
    if (migration === undefined) return { status: 200, message };
    const headers = { Location: migrationUrl(id, migration) };
    const data = migrationJson(id, migration, this.projects);
    return { status: 202, headers, data, message: `${message}; its data is being moved` };
  };

  readonly delete = async (request: ApiRequest): Promise<Reply> => {
    const id = projectOf(request);
    await this.deleteProject.execute(id);
    return { status: 200, message: `Project '${id}' deleted successfully` };
  };

  readonly regenerateKey = async (request: ApiRequest): Promise<Reply> => {
    const id = projectOf(request);
    const secret = await this.regenerateApiKey.execute(id);
    const message = `API key regenerated successfully for project '${id}'`;
    return { status: 200, headers: UNCACHED, data: JSON.stringify({ new_api_key: secret }), message };
  };
}
