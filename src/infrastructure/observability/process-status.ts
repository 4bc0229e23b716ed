import { inject, Lifecycle, scoped } from 'tsyringe';
import { Logger } from '../../application/ports/logger.js';
import { Projects } from '../../application/ports/registry/projects.js';
import type { SystemStatus, SystemStatusRecord } from '../../application/ports/system-status.js';
import { folderSize } from '../files/folder-size.js';
import { DataFolderPath, ServerVersion } from '../injection-tokens.js';

/** How long a measurement counts as current, in ms. */
const MAX_AGE = 1000;
/** After a walk through the folder, so many times its duration pass before the next one. */
const PAUSE_PER_WALK = 20;

/**
 * Measures this process and, after `begin`, the data folder. It has no timer: it measures when `current` is called,
 * about once a second at most.
 */
@scoped(Lifecycle.ContainerScoped)
export class ProcessStatus implements SystemStatus {
  #record: SystemStatusRecord = { memoryBytes: 0, projects: 0, storageBytes: 0, uptime: 0, version: '' };
  #projectCount = -1;
  #measuredAt = -Infinity;
  #storageBytes = 0;
  #nextWalkAt = Infinity;

  constructor(
    @inject(Projects) private readonly projects: Pick<Projects, 'list'>,
    @inject(DataFolderPath) private readonly dataFolder: string,
    @inject(ServerVersion) private readonly version: string,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  /** Starts measuring the data folder; called when all projects are open, since walking all files would delay that. */
  begin(): void {
    void this.#measureStorage(performance.now());
  }

  current(): SystemStatusRecord {
    const now = performance.now();
    const count = this.projects.list().length;
    if (now >= this.#nextWalkAt) void this.#measureStorage(now);
    if (now - this.#measuredAt >= MAX_AGE || count !== this.#projectCount) this.#measureProcess(now, count);
    return this.#record;
  }

  #measureProcess(now: number, count: number): void {
    this.#measuredAt = now;
    this.#projectCount = count;
    this.#record = {
      memoryBytes: process.memoryUsage.rss(),
      projects: count,
      storageBytes: this.#storageBytes,
      uptime: Math.floor(process.uptime()),
      version: this.version,
    };
  }

  async #measureStorage(start: number): Promise<void> {
    this.#nextWalkAt = Infinity; // One walk at a time.
    try {
      this.#storageBytes = await folderSize(this.dataFolder);
    } catch (error) {
      this.logger.warn({ err: error, folder: this.dataFolder }, 'The size of the data folder could not be measured');
    }
    const end = performance.now();
    this.#nextWalkAt = end + Math.max(MAX_AGE, (end - start) * PAUSE_PER_WALK);
    this.#measuredAt = -Infinity;
  }
}
