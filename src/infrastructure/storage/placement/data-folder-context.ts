import type { Ciphers } from '../../../application/ports/cipher.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { FileSystem } from '../../files/file-system.js';
import type { FreeSpace } from '../../files/free-space.js';
import type { SegmentReserve } from '../building-blocks/journal/segment-reserve.js';
import type { StorePool } from '../on-demand/store-pool.js';
import type { FolderListing } from './files/folder-listing.js';
import type { GenerationSpec, Placement } from './placement.js';

/** What several servers know of where the data of a project is. */
export type SharedPlacement = GenerationSpec & Pick<Placement, 'preparing' | 'kept' | 'migrations'>;

/** Where several servers note the places of the data that they share. */
export interface SharedPlacements {
  /** The name of this server. */
  readonly node: string;
  /** As this server serves it; undefined if the project is not known, or only here. */
  placementOf(project: string): SharedPlacement | undefined;
  /** The newest one. Rejects with `unavailable`. */
  newest(project: string): Promise<SharedPlacement | undefined>;
  /** A number that the data of no project had. */
  newGeneration(): number;
  /** Takes the lease for putting the data elsewhere. Rejects with `conflict` while another server has it. */
  begin(project: string): Promise<void>;
  /** Rejects with `conflict` if the lease was lost, with `unavailable` if that is not known. */
  requireBegun(project: string): Promise<void>;
  /** Gives the lease up. */
  end(project: string): Promise<void>;
  /** Which server may be putting the data elsewhere now; undefined if none does. */
  begunBy(project: string): 'this' | 'another' | undefined;
  /**
   * Notes another place, or what else `plan` makes of the newest state. Only the server that has the lease may change
   * which data is current, or staged. After another place was noted, nothing else is before `settle`.
   */
  change(project: string, plan: (now: SharedPlacement) => SharedPlacement): Promise<void>;
  /** Has this server know of the place, too. Resolves when all do. */
  settle(project: string): Promise<void>;
  /** Resolves when all servers know of each place that this one knows of. */
  whenFollowed(): Promise<void>;
}

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
  /** What they keep together for removes on a full disk. */
  readonly reserve: SegmentReserve;
  /** What its file system can do, if that was probed. */
  readonly fileSystem?: FileSystem | undefined;
  /** If other servers use the same projects. */
  readonly shared?: SharedPlacements | undefined;
}
