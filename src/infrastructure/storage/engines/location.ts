import type { FileSystem } from '../../files/file-system.js';
import type { SegmentReserve } from '../building-blocks/journal/segment-reserve.js';

/** Where one generation of a project's data is. */
export interface Location {
  /** The project's id: safe as a part of a file name. */
  readonly project: string;
  /** Counts from 1. Each generation has data of its own. */
  readonly generation: number;
  /** The data folder, an absolute path. It exists. */
  readonly folder: string;
  /** What the file system of the data folder can do, if that was probed. */
  readonly fileSystem?: FileSystem | undefined;
  /** What its projects keep together for removes on a full disk. */
  readonly reserve?: SegmentReserve | undefined;
}

/** The first part of the name of every file of a generation: the project's id, later generations `id.2`, `id.3`. */
export function dataName({ project, generation }: Pick<Location, 'project' | 'generation'>): string {
  return generation === 1 ? project : `${project}.${generation}`;
}
