import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm, truncate } from 'node:fs/promises';
import type { Audit, AuditPage, AuditQuery, AuditRecord } from '../../application/ports/audit.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import { isMountPoint } from '../files/replace-content.js';
import { readAuditFiles } from './audit-reader.js';

/** How often notes are written, in ms. */
const WRITE_INTERVAL = 200;
/** How long notes that differ only in time and request are counted instead of written, in ms. */
const COUNT_INTERVAL = 60_000;
/** Most kinds of notes that are counted separately in that time; all others are counted together. */
const MAX_KINDS = 500;
const MAX_PROJECT_LENGTH = 64;

export interface AuditOptions {
  readonly dataWrites: boolean;
  /** Size at which the file is rotated. */
  readonly maxBytes: number;
  /** How many rotated files are kept. */
  readonly keep: number;
}

interface CountedNote {
  readonly record: AuditRecord;
  /** How many more such notes were not written. */
  repeated: number;
}

/** Audit records as lines of JSON, appended to a file. Rotated files are named `.1` (the newest), `.2` and so on. */
export class AuditFile implements Audit {
  #lines: string[] = [];
  #tail: Promise<void> = Promise.resolve();
  #counted = new Map<string, CountedNote>();
  readonly #timers: NodeJS.Timeout[];
  /** Whether the last rotation succeeded: the next failure is then logged. */
  #isRotated = true;

  constructor(
    readonly path: string,
    private readonly options: AuditOptions,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.#timers = [
      setInterval(() => void this.#flush(), WRITE_INTERVAL).unref(),
      setInterval(() => this.#writeCounts(), COUNT_INTERVAL).unref(),
    ];
  }

  get dataWrites(): boolean {
    return this.options.dataWrites;
  }

  record(record: AuditRecord): Promise<void> {
    this.#add(record);
    return this.#flush();
  }

  note(record: AuditRecord): void {
    const { who, act, project, address, outcome } = record;
    const kind = JSON.stringify([who, act, project, address, outcome]);
    const counted =
      this.#counted.get(kind) ?? (this.#counted.size < MAX_KINDS ? undefined : this.#noteOfOthers(record));
    if (counted !== undefined) counted.repeated += 1;
    else {
      this.#counted.set(kind, { record, repeated: 0 });
      this.#add(record);
    }
  }

  /** After what was recorded before, and not while files are renamed. */
  read(query: AuditQuery): Promise<AuditPage> {
    const found = this.#flush().then(() => readAuditFiles(this.#names(), query));
    this.#tail = found.then(
      () => undefined,
      () => undefined,
    );
    return found;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#writeCounts();
    await this.#flush();
  }

  #noteOfOthers(record: AuditRecord): CountedNote {
    const counted = this.#counted.get('others');
    if (counted !== undefined) return counted;
    const others = {
      record: { ...record, who: 'several', act: 'several', project: undefined, address: undefined },
      repeated: 0,
    };
    this.#counted.set('others', others);
    return others;
  }

  #writeCounts(): void {
    const counted = this.#counted;
    this.#counted = new Map();
    for (const { record, repeated } of counted.values()) if (repeated > 0) this.#add(record, repeated);
  }

  #add({ who, act, project, address, requestId, outcome }: AuditRecord, repeated?: number): void {
    const time = new Date(this.clock.now()).toISOString();
    const shortProject = project?.slice(0, MAX_PROJECT_LENGTH);
    const line = { time, who, act, project: shortProject, address, request_id: requestId, outcome, repeated };
    this.#lines.push(`${JSON.stringify(line)}\n`);
  }

  #flush(): Promise<void> {
    if (this.#lines.length > 0) this.#tail = this.#tail.then(() => this.#append());
    return this.#tail;
  }

  async #append(): Promise<void> {
    const bytes = Buffer.from(this.#lines.splice(0).join(''));
    if (bytes.length === 0) return;
    try {
      let file = await openFile(this.path);
      try {
        if ((await file.stat()).size >= this.options.maxBytes) {
          await file.close();
          await this.#rotateIfPossible();
          file = await openFile(this.path);
        }
        await endLine(file);
        await file.appendFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (error) {
      const reason = (error as Error).message;
      this.log.error({ reason, lost: bytes.toString() }, `${this.path} could not be written`);
    }
  }

  /** If it cannot be rotated, the records are appended all the same. */
  async #rotateIfPossible(): Promise<void> {
    try {
      await this.#rotate();
      this.#isRotated = true;
    } catch (error) {
      if (this.#isRotated) this.log.warn({ reason: (error as Error).message }, `${this.path} could not be rotated`);
      this.#isRotated = false;
    }
  }

  /** The file and the rotated ones, from the latest on. */
  #names(): readonly string[] {
    return [this.path, ...Array.from({ length: this.options.keep }, (_, i) => `${this.path}.${i + 1}`)];
  }

  async #rotate(): Promise<void> {
    const { keep } = this.options;
    const names = this.#names();
    const last = names[keep] as string;
    if (keep === 0) return void (await rm(last, { force: true }).catch((error) => this.#empty(error)));
    await rm(last, { force: true });
    for (let i = keep; i > 0; i--) {
      await rename(names[i - 1] as string, names[i] as string).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return;
        if (i === 1 && isMountPoint(error)) await copyDurably(this.path, names[1] as string);
        if (i > 1) throw error;
        await this.#empty(error);
      });
    }
  }

  /** For a file that is a mount point: it can neither be removed nor renamed. */
  async #empty(error: unknown): Promise<void> {
    if (!isMountPoint(error)) throw error;
    await truncate(this.path);
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const copy = await open(to, 'r+');
  await copy.sync().finally(() => copy.close());
}

function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}

/** Ends a line that a crash cut off, so that the next record begins on a line of its own. */
async function endLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size === 0) return;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] !== 0x0a) await file.appendFile('\n');
}
