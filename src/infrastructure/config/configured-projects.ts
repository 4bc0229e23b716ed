import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeyedMutex } from '../../application/keyed-mutex.js';
import type { Projects } from '../../application/ports/registry/projects.js';
import type { NewKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { idInOtherCase, type Project, ProjectExistsError, projectNotFound } from '../../domain/project.js';
import { invalidSettings, isObject } from '../validation/check-settings.js';
import { checkProject, INVALID_PROJECT } from './check-project.js';
import { ConfigFile, projectPath, requireProjectPath } from './config-file.js';
import { ConfiguredCredentials } from './configured-credentials.js';
import type { Edit } from './json/json-editor.js';
import { editsOf, mergeSettings } from './merge-settings.js';
import { Settings } from './settings/settings.js';
import { primaryCredential, projectFromSettings, storedProject } from './stored-project.js';

/** The projects of `config.json`: reads are from memory, changes go to the file first. */
@scoped(Lifecycle.ContainerScoped)
export class ConfiguredProjects implements Projects {
  readonly #projects: Map<string, Project>;
  /** Two changes of one project merge one after the other. */
  readonly #updates = new KeyedMutex();

  constructor(
    @inject(ConfigFile) private readonly file: ConfigFile,
    @inject(Settings) settings: Settings,
    @inject(ConfiguredCredentials) private readonly credentials: ConfiguredCredentials,
  ) {
    this.#projects = new Map(settings.projects.map((entry) => [entry.id, projectFromSettings(entry)]));
  }

  get(id: string): Project | undefined {
    return this.#projects.get(id);
  }

  list(): readonly Project[] {
    return [...this.#projects.values()];
  }

  async check(id: string, settings: unknown): Promise<Project> {
    this.#requireFree(id);
    const project = await checkProject(id, settings);
    return project;
  }

  async create(id: string, settings: unknown, primary: NewKey | undefined): Promise<Project> {
    const project = await this.check(id, settings);
    const value = storedProject(project, primary);
    const plan = (config: unknown): Edit[] => {
      this.#requireFree(id);
      if (projectPath(config, id) !== undefined) throw new ProjectExistsError(id);
      return [{ path: ['projects', -1], value }];
    };
    await this.file.change(plan, () => {
      this.#projects.set(id, project);
      this.credentials.register(id, project.authentication, primary && primaryCredential(id, primary));
    });
    return project;
  }

  async preview(id: string, changes: unknown): Promise<Project> {
    const before = this.#require(id);
    if (!isObject(changes)) return checkProject(id, changes);
    const fixed = ['id', 'authentication'].filter((name) => Object.hasOwn(changes, name));
    if (fixed.length > 0) {
      const problems = fixed.map((path) => ({ path, message: 'cannot be changed here' }));
      throw invalidSettings(INVALID_PROJECT, problems);
    }
    const merged = await checkProject(id, mergeSettings(before, changes));
    return { ...merged, authentication: before.authentication };
  }

  async update(id: string, changes: unknown): Promise<Project> {
    return this.#updates.run([id], async () => {
      let after = this.#require(id);
      const plan = async (config: unknown): Promise<Edit[]> => {
        after = await this.preview(id, changes);
        const path = requireProjectPath(config, id, this.file.path);
        return editsOf(changes as Record<string, unknown>, after, path, config);
      };
      await this.file.change(plan, () => this.#projects.set(id, after));
      return after;
    });
  }

  async remove(id: string): Promise<void> {
    const plan = (config: unknown): Edit[] => {
      this.#require(id);
      const path = projectPath(config, id);
      return path === undefined ? [] : [{ path, value: undefined }];
    };
    await this.file.change(plan, () => {
      this.#projects.delete(id);
      this.credentials.unregister(id);
    });
  }

  /** Replaces all projects by those of a file that was read again. */
  reload(projects: readonly Project[]): void {
    this.#projects.clear();
    for (const project of projects) this.#projects.set(project.id, project);
  }

  #requireFree(id: string): void {
    if (this.#projects.has(id)) throw new ProjectExistsError(id);
    const other = idInOtherCase(id, this.#projects.keys());
    if (other === undefined) return;
    const message = `Project '${id}' differs from '${other}' only in case, and such ids are one id; choose another`;
    throw new AppError('conflict', message);
  }

  #require(id: string): Project {
    const project = this.#projects.get(id);
    if (project === undefined) throw projectNotFound(id);
    return project;
  }
}
