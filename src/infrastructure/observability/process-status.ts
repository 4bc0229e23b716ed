import type { Logger } from '../../application/ports/logger.js';
import type { Projects } from '../../application/ports/registry/projects.js';
import type { SystemStatus, SystemStatusRecord } from '../../application/ports/system-status.js';
import { folderSize } from '../files/folder-size.js';

const MAX_AGE_MS = 1000;
/** A measurement that took a second is not repeated for twenty, however large the folder. */
const REST_PER_WORK = 20;

/** Measures this process and, once it has begun to, the folder with its data, when asked and never twice a second; no timer runs. */
export class ProcessStatus implements SystemStatus {
  #record: SystemStatusRecord = { memoryBytes: 0, projects: 0, storageBytes: 0, uptime: 0, version: '' };
  #projectCount = -1;
  #measuredAt = -Infinity;
  #storageBytes = 0;
  #nextWalkAt = Infinity;

  constructor(
    private readonly projects: Pick<Projects, 'list'>,
    private readonly dataFolder: string,
    private readonly version: string,
    private readonly logger: Logger,
  ) {}

  /** While projects are being opened, a walk through all their files would hold them up. */
  begin(): void {
    void this.#measureStorage(performance.now());
  }

  current(): SystemStatusRecord {
    const now = performance.now();
    const count = this.projects.list().length;
    if (now >= this.#nextWalkAt) void this.#measureStorage(now);
    if (now - this.#measuredAt >= MAX_AGE_MS || count !== this.#projectCount) this.#measureProcess(now, count);
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
    this.#nextWalkAt = end + Math.max(MAX_AGE_MS, (end - start) * REST_PER_WORK);
    this.#measuredAt = -Infinity;
  }
}
