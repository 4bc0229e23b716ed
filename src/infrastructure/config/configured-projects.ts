import { KeyedMutex } from '../../application/keyed-mutex.js';
import type { NewKey, Projects } from '../../application/ports/registry/projects.js';
import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import { invalidSettings, isObject } from '../validation/check-settings.js';
import { checkProject, WHAT } from './check-project.js';
import type { Engines } from './check-storage.js';
import type { ConfigFile } from './config-file.js';
import { projectPath } from './config-paths.js';
import type { ConfiguredCredentials } from './configured-credentials.js';
import type { Edit } from './json-editor.js';
import { editsOf, mergeSettings } from './merge-settings.js';
import type { Settings } from './settings/settings.js';
import { primaryCredential, projectOf, storedProject } from './stored-project.js';

/** The projects of `config.json`: read from memory, changed in the file first. */
export class ConfiguredProjects implements Projects {
  readonly #projects: Map<string, Project>;
  /** Two changes of one project merge one after the other. */
  readonly #updates = new KeyedMutex();
  readonly #file: ConfigFile;
  readonly #engines: Engines;
  readonly #credentials: ConfiguredCredentials;

  constructor(file: ConfigFile, settings: Settings, engines: Engines, credentials: ConfiguredCredentials) {
    this.#file = file;
    this.#engines = engines;
    this.#credentials = credentials;
    this.#projects = new Map(settings.projects.map((entry) => [entry.id, projectOf(entry)]));
  }

  get(id: string): Project | undefined {
    return this.#projects.get(id);
  }

  list(): readonly Project[] {
    return [...this.#projects.values()];
  }

  async check(id: string, settings: unknown): Promise<Project> {
    if (this.#projects.has(id)) throw taken(id);
    return checkProject(id, settings, this.#engines);
  }

  async create(id: string, settings: unknown, primary: NewKey | undefined): Promise<Project> {
    const project = await this.check(id, settings);
    const value = storedProject(project, primary);
    const plan = (config: unknown): Edit[] => {
      if (this.#projects.has(id) || projectPath(config, id) !== undefined) throw taken(id);
      return [{ path: ['projects', -1], value }];
    };
    await this.#file.change(plan, () => {
      this.#projects.set(id, project);
      this.#credentials.hold(id, project.authentication, primary && primaryCredential(id, primary));
    });
    return project;
  }

  async preview(id: string, changes: unknown): Promise<Project> {
    const before = this.#existing(id);
    if (!isObject(changes)) return checkProject(id, changes, this.#engines);
    const refused = ['id', 'authentication'].filter((name) => Object.hasOwn(changes, name));
    if (refused.length > 0)
      throw invalidSettings(
        WHAT,
        refused.map((path) => ({ path, message: 'cannot be changed here' })),
      );
    const merged = await checkProject(id, mergeSettings(before, changes), this.#engines);
    return { ...merged, authentication: before.authentication };
  }

  async update(id: string, changes: unknown): Promise<Project> {
    return this.#updates.run([id], async () => {
      const after = await this.preview(id, changes);
      const plan = (config: unknown): Edit[] => {
        this.#existing(id);
        const path = projectPath(config, id);
        if (path === undefined) throw missing(this.#file.path, id);
        return editsOf(changes as Record<string, unknown>, after, path, config);
      };
      await this.#file.change(plan, () => this.#projects.set(id, after));
      return after;
    });
  }

  async remove(id: string): Promise<void> {
    const plan = (config: unknown): Edit[] => {
      this.#existing(id);
      const path = projectPath(config, id);
      return path === undefined ? [] : [{ path, value: undefined }];
    };
    await this.#file.change(plan, () => {
      this.#projects.delete(id);
      this.#credentials.drop(id);
    });
  }

  #existing(id: string): Project {
    const project = this.#projects.get(id);
    if (project === undefined) throw new AppError('not_found', `Project with id '${id}' not found`);
    return project;
  }
}

function taken(id: string): AppError {
  return new AppError('invalid', `Project with ID '${id}' already exists in configuration.`);
}

function missing(file: string, id: string): AppError {
  const message = `${file}: project '${id}' was taken out by hand and cannot be changed; put it back or restart`;
  return new AppError('unavailable', message);
}
