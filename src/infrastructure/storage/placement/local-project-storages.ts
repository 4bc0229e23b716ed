import type { ProjectStorage, ProjectStorages } from '../../../application/ports/project-storage.js';
import { type DataFolderContext, LocalProjectStorage } from './local-project-storage.js';
import { placedProjects } from './placement.js';

/** The projects of a data folder on this machine's disk. */
export class LocalProjectStorages implements ProjectStorages {
  readonly #context: DataFolderContext;

  constructor(context: DataFolderContext) {
    this.#context = context;
  }

  of(project: string): ProjectStorage {
    return new LocalProjectStorage(project, this.#context);
  }

  list(): Promise<readonly string[]> {
    return placedProjects(this.#context.folder);
  }
}
