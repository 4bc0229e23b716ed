import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { migrationExample, ref, shape } from '../openapi/schemas.js';
import { PROJECT, PROJECTS } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import { createParameters, deleteParameters, type ProjectHandlers } from './project.handlers.js';

const settings = {
  storage: { engine: 'json-file', on_disk: true },
  authentication: { enabled: true, save_api_key_to_config: false },
  security: { keys_and_values_discoverable: true },
};

const durability = {
  commit: 'survives a crash of this machine, as long as its disk is whole: it is synced before the answer',
  warnings: [],
};

const plain = { type: 'string', description: 'The key in plain text; it is not shown again.' };
const newKey = named('NewApiKey', shape({ new_api_key: plain }));
const keyExample = { new_api_key: 'pkv_3fG7kQ2x_4rWq0mZVt1yB8nC5sJpLxEoHdUiAfKg9TzRvYwQb2c0a1b2c' };

/** Projects and their settings. */
export function projectRoutes(projects: ProjectHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'listProjects',
      tag: 'Projects',
      method: 'GET',
      path: PROJECTS,
      summary: 'All projects with their settings',
      description: 'Forbidden if `system.security.project_discoverable` is false.',
      access: rules.system,
      system: true,
      compressible: true,
      responses: {
        200: {
          description: 'The settings of every project, by id.',
          message: 'Project listing fetched successfully',
          data: { type: 'object', additionalProperties: ref('ProjectSettings') },
          example: { first_project: settings },
        },
      },
      errors: ['forbidden'],
      handle: projects.list,
    }),
    defineRoute({
      id: 'createProject',
      tag: 'Projects',
      method: 'POST',
      path: PROJECTS,
      summary: 'Create a project',
      description: 'What is left out gets its default; that of the engine is `json-file`.',
      access: rules.system,
      system: true,
      query: createParameters,
      body: 'json',
      content: {
        schema: ref('NewProject'),
        examples: { 'application/json': { id: 'weather', storage: { engine: 'memory' } } },
      },
      responses: {
        201: {
          description: 'Created. `data` is null if authentication is off for the project.',
          message: 'Project created successfully. Store the returned API key securely as it may not be shown again.',
          data: { anyOf: [newKey, { type: 'null' }] },
          example: keyExample,
          headers: ['Cache-Control'],
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: projects.create,
    }),
    defineRoute({
      id: 'regenerateApiKey',
      tag: 'Projects',
      method: 'POST',
      path: `${PROJECT}/config/regenerate-api-key`,
      summary: "Replace a project's primary API key",
      description: 'The old key stops working at once. A body is not needed.',
      access: rules.system,
      system: true,
      body: 'json',
      content: {
        required: false,
        schema: { type: 'object', additionalProperties: true },
        examples: { 'application/json': {} },
      },
      responses: {
        200: {
          description: 'Replaced.',
          message: "API key regenerated successfully for project 'first_project'",
          data: newKey,
          example: keyExample,
          headers: ['Cache-Control'],
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: projects.regenerateKey,
    }),
    defineRoute({
      id: 'getProject',
      tag: 'Projects',
      method: 'GET',
      path: PROJECT,
      summary: "A project's settings",
      description:
        'With what a commit that was acknowledged survives where the data is now; a server that has it is asked.',
      access: rules.member,
      system: true,
      compressible: true,
      responses: {
        200: {
          description: 'The settings, with the id and without any secret.',
          message: "Project 'first_project' details fetched successfully",
          data: ref('Project'),
          example: { id: 'first_project', ...settings, durability },
        },
      },
      handle: projects.get,
    }),
    defineRoute({
      id: 'updateProject',
      tag: 'Projects',
      method: 'PUT',
      path: PROJECT,
      summary: "Change a project's settings",
      description:
        'Members that are left out stay as they are. ' +
        '`null` removes `limits`, `cors` or a member of them, `dialects`, and `storage.options`.',
      access: rules.admin,
      body: 'json',
      content: {
        schema: ref('ProjectChanges'),
        examples: { 'application/json': { limits: { max_keys: 1000 } } },
      },
      responses: {
        200: { description: 'Changed.', message: "Project 'first_project' updated successfully" },
        202: {
          description: 'Changed; a migration to another engine has started.',
          message: "Project 'first_project' updated successfully; its data is being moved",
          data: ref('Migration'),
          example: { ...migrationExample, state: 'copying', copied: 0 },
          headers: ['Location'],
        },
      },
      errors: ['conflict', 'insufficient_storage'],
      handle: projects.update,
    }),
    defineRoute({
      id: 'deleteProject',
      tag: 'Projects',
      method: 'DELETE',
      path: PROJECT,
      summary: 'Delete a project with its settings, keys, snapshots and data',
      description: 'If its data cannot be read and it has snapshots, 409 unless `force` is set.',
      access: rules.system,
      system: true,
      query: deleteParameters,
      responses: { 200: { description: 'Deleted.', message: "Project 'first_project' deleted successfully" } },
      errors: ['conflict', 'insufficient_storage'],
      handle: projects.delete,
    }),
  ];
}
