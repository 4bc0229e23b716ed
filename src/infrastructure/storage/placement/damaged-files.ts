import { link, lstat, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from '../../../application/ports/logger.js';
import { syncFolder } from '../../files/durable-file.js';
import { diskError } from '../../files/storage-errors.js';
import { keptPath } from '../building-blocks/repair-result.js';
import { placementName } from './files/stored-placement.js';
import type { DamagedFile } from './placement.js';
import type { PlacementFile } from './placement-file.js';

/**
 * Puts the files of damaged data aside after new content has taken its place. The placement lists them from that moment
 * on, so that after a crash the next start does what is left.
 */
export class DamagedFiles {
  constructor(
    private readonly project: string,
    private readonly folder: string,
    private readonly file: PlacementFile,
    private readonly log: Logger,
  ) {}

  /** What a placement says of files, or folders, of the data folder that have to be put aside. */
  listOf(paths: readonly string[]): DamagedFile[] {
    return paths.map((path) => ({ file: basename(path), kept: basename(keptPath(path)) }));
  }

  /**
   * Gives a damaged placement, which is about to be replaced, another name besides its own. Does nothing if it is
   * missing.
   */
  async keepPlacement(): Promise<DamagedFile[]> {
    const path = join(this.folder, placementName(this.project));
    const [placement] = this.listOf([path]);
    try {
      if (placement === undefined || !(await exists(path))) return [];
      await link(path, join(this.folder, placement.kept));
      return [placement];
    } catch (error) {
      throw diskError(error, `cannot keep ${path}`);
    }
  }

  /** Renames what the placement lists. What cannot be renamed now is left to the next start, with a warning. */
  async putAside(): Promise<void> {
    const { damaged = [] } = this.file.current;
    if (damaged.length === 0) return;
    try {
      for (const { file, kept } of damaged) {
        const path = join(this.folder, file);
        if (!(await exists(path))) continue;
        await rename(path, join(this.folder, kept));
        this.log.warn({ path, kept }, 'a damaged file was put aside, because new content took its place');
      }
      await syncFolder(this.folder);
      await this.file.change({ damaged: undefined });
    } catch (error) {
      this.log.warn({ damaged, error }, 'damaged files could not be put aside yet');
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
