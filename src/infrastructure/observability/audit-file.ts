import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Audit, AuditRecord } from '../../application/ports/audit.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';

/** How often notes are written, and for how long ones that are alike are counted, in ms. */
const WRITE_EVERY = 200;
const COUNT_FOR = 60_000;
/** Most kinds of notes that are told apart within that time; all further ones count as one. */
const MAX_KINDS = 500;
const MAX_PROJECT_LENGTH = 64;

export interface AuditOptions {
  readonly dataWrites: boolean;
  /** Size from which on the file is put aside, and how many of those are kept. */
  readonly maxBytes: number;
  readonly keep: number;
}

interface Counted {
  readonly record: AuditRecord;
  more: number;
}

/** The account as lines of JSON in a file that is only appended to; full ones are kept as `.1` (the youngest), `.2` and so on. */
export class AuditFile implements Audit {
  readonly dataWrites: boolean;
  #lines: string[] = [];
  #tail: Promise<void> = Promise.resolve();
  #counted = new Map<string, Counted>();
  readonly #timers: NodeJS.Timeout[];

  constructor(
    readonly path: string,
    private readonly options: AuditOptions,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.dataWrites = options.dataWrites;
    this.#timers = [
      setInterval(() => void this.#flush(), WRITE_EVERY).unref(),
      setInterval(() => this.#tellCounted(), COUNT_FOR).unref(),
    ];
  }

  record(record: AuditRecord): Promise<void> {
    this.#add(record);
    return this.#flush();
  }

  note(record: AuditRecord): void {
    const { who, act, project, address, outcome } = record;
    const kind = JSON.stringify([who, act, project, address, outcome]);
    const known = this.#counted.get(kind) ?? (this.#counted.size < MAX_KINDS ? undefined : this.#others(record));
    if (known !== undefined) known.more += 1;
    else {
      this.#counted.set(kind, { record, more: 0 });
      this.#add(record);
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#tellCounted();
    await this.#flush();
  }

  #others(record: AuditRecord): Counted {
    const known = this.#counted.get('others');
    if (known !== undefined) return known;
    const others = {
      record: { ...record, who: 'several', act: 'several', project: undefined, address: undefined },
      more: 0,
    };
    this.#counted.set('others', others);
    return others;
  }

  #tellCounted(): void {
    const counted = this.#counted;
    this.#counted = new Map();
    for (const { record, more } of counted.values()) if (more > 0) this.#add(record, more);
  }

  #add({ who, act, project, address, requestId, outcome }: AuditRecord, repeated?: number): void {
    const time = new Date(this.clock.now()).toISOString();
    const shown = project?.slice(0, MAX_PROJECT_LENGTH);
    const line = { time, who, act, project: shown, address, request_id: requestId, outcome, repeated };
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
          await this.#rotate();
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

  async #rotate(): Promise<void> {
    const { keep } = this.options;
    const names = [this.path, ...Array.from({ length: keep }, (_, i) => `${this.path}.${i + 1}`)];
    await rm(names[keep] as string, { force: true });
    for (let i = keep; i > 0; i--) {
      await rename(names[i - 1] as string, names[i] as string).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }
}

function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}

/** A crash may have left half a line, which must not spoil the next one. */
async function endLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size === 0) return;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] !== 0x0a) await file.appendFile('\n');
}
