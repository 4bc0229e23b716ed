import type { ProjectStorage, ProjectStorages } from '../../../application/ports/project-storage.js';
import { SegmentReserve } from '../building-blocks/journal/segment-reserve.js';
import type { DataFolderContext } from './data-folder-context.js';
import { FolderListing } from './files/folder-listing.js';
import { deletedProjects, placedProjects } from './files/stored-placement.js';
import { LocalProjectStorage } from './local-project-storage.js';

/** The projects of a data folder on this machine's disk. */
export class LocalProjectStorages implements ProjectStorages {
  readonly #context: DataFolderContext;

  constructor(context: Omit<DataFolderContext, 'listing' | 'reserve'>) {
    const { folder, log } = context;
    this.#context = { ...context, listing: new FolderListing(folder), reserve: new SegmentReserve(folder, log) };
  }

  of(project: string): ProjectStorage {
    return new LocalProjectStorage(project, this.#context);
  }

  list(): Promise<readonly string[]> {
    return placedProjects(this.#context.folder);
  }

  listDeleted(): Promise<readonly string[]> {
    return deletedProjects(this.#context.folder);
  }
}
