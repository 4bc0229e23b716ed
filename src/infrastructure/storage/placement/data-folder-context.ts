import type { Ciphers } from '../../../application/ports/cipher.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { FileSystem } from '../../files/file-system.js';
import type { FreeSpace } from '../../files/free-space.js';
import type { StorePool } from '../on-demand/store-pool.js';
import type { FolderListing } from './files/folder-listing.js';
import type { SharedPlacements } from './shared/shared-placements.js';

/** What the storage of all projects of a data folder shares. */
export interface DataFolderContext {
  /** The data folder, absolute. */
  readonly folder: string;
  readonly ciphers: Ciphers;
  readonly log: Logger;
  readonly space: Pick<FreeSpace, 'requireFor'>;
  /** The open stores of all projects. */
  readonly pool: StorePool;
  readonly listing: FolderListing;
  /** What its file system can do, if that was probed. */
  readonly fileSystem?: FileSystem | undefined;
  /** If other servers use the same projects. */
  readonly shared?: SharedPlacements | undefined;
}
