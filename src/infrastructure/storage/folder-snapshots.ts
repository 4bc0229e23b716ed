import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import type { Cipher } from '../../application/ports/cipher.js';
import type { Logger } from '../../application/ports/logger.js';
import type { SnapshotFiles, SnapshotHead, SnapshotRecord } from '../../application/ports/snapshot-files.js';
import { AppError } from '../../domain/errors.js';
import { checkSettings, invalidSettings } from '../config/check-settings.js';
import { EncryptionSettings } from '../config/project-settings.js';
import { SectionOf } from '../config/setting-rules.js';
import { diskError } from '../files/disk-error.js';
import { replaceFile, syncFolder } from '../files/durable-file.js';
import { writeAll } from '../files/write-all.js';
import { openedFrames, sealedFrames } from './sealed-frames.js';

/** In the data folder; no project's file can have the name, for ids have no dot. */
const SNAPSHOT_FOLDER = 'snapshots.portkv';
const DATA = '.ndjson.gz';
const RECORD = '.json';
const ID = /^[0-9]{8}-[0-9]{6}-[0-9]{3}(-[0-9]+)?$/;
/** Faster by half than the default and larger by a tenth. */
const LEVEL = 3;
const CHUNK = 256 * 1024;

/** `ID.json` beside `ID.ndjson.gz`. */
class StoredRecord {
  @Min(0)
  @IsInt()
  created_at_ms!: number;

  @Max(Number.MAX_SAFE_INTEGER)
  @Min(0)
  @IsInt()
  count!: number;

  @Min(0)
  @IsInt()
  bytes!: number;

  @Matches(/^[0-9a-f]{64}$/)
  sha256!: string;

  @IsString()
  engine!: string;

  @IsIn(['manual', 'routine'])
  reason!: 'manual' | 'routine';

  @SectionOf(EncryptionSettings)
  encryption?: EncryptionSettings;
}

/** Keeps snapshots as files in a folder for each project. */
export class FolderSnapshots implements SnapshotFiles {
  constructor(
    /** The data folder. */
    private readonly dataFolder: string,
    private readonly log: Logger,
  ) {}

  async list(project: string): Promise<readonly SnapshotRecord[]> {
    const folder = this.#folder(project);
    const records: SnapshotRecord[] = [];
    for (const name of await namesIn(folder)) {
      const id = name.endsWith(DATA) ? name.slice(0, -DATA.length) : '';
      if (!ID.test(id)) continue;
      try {
        records.push(recordFrom(id, await readFile(join(folder, id + RECORD), 'utf8')));
      } catch (error) {
        const reason = (error as Error).message;
        this.log.warn({ project, snapshot: id, reason }, 'The record of a snapshot cannot be read; it is left alone');
      }
    }
    return records.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  async write(
    project: string,
    head: SnapshotHead,
    pieces: AsyncIterable<Buffer>,
    count: () => number,
    cipher: Cipher | undefined,
  ): Promise<SnapshotRecord> {
    const folder = this.#folder(project);
    const path = join(folder, head.id + DATA);
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await this.#make(folder);
      await removeLeftovers(folder);
      const { bytes, sha256 } = await store(pieces, temporary, sealing(cipher, head.id));
      const record = { ...head, count: count(), bytes, sha256 };
      // The record first: the snapshot is there with its data, and a record without data is a leftover.
      await replaceFile(join(folder, head.id + RECORD), (file) => file.writeFile(textOf(record)));
      await rename(temporary, path);
      await syncFolder(folder);
      return record;
    } catch (error) {
      await rm(temporary, { force: true });
      throw diskError(error, `cannot write ${path}`);
    }
  }

  async *read(project: string, { id, sha256 }: SnapshotRecord, cipher: Cipher | undefined): AsyncGenerator<Uint8Array> {
    const path = join(this.#folder(project), id + DATA);
    const hash = createHash('sha256');
    const gunzip = createGunzip();
    try {
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      const done = pipeline(file.createReadStream(), hashing(hash), opening(cipher, id), gunzip);
      done.catch(() => undefined);
      yield* gunzip as AsyncIterable<Uint8Array>;
      await done;
    } catch (error) {
      throw diskError(error, `cannot read ${path}`);
    } finally {
      gunzip.destroy();
    }
    if (hash.digest('hex') !== sha256) throw new AppError('unavailable', `${path} has another SHA-256 than its record`);
  }

  async remove(project: string, id: string): Promise<void> {
    const folder = this.#folder(project);
    try {
      await rm(join(folder, id + DATA), { force: true });
      await rm(join(folder, id + RECORD), { force: true });
      await syncFolder(folder);
    } catch (error) {
      throw diskError(error, `cannot remove ${join(folder, id + DATA)}`);
    }
  }

  async removeAll(project: string): Promise<void> {
    await removeSnapshots(this.dataFolder, project);
  }

  #folder(project: string): string {
    return join(this.dataFolder, SNAPSHOT_FOLDER, project);
  }

  async #make(folder: string): Promise<void> {
    if ((await mkdir(folder, { recursive: true, mode: 0o700 })) === undefined) return;
    await syncFolder(join(this.dataFolder, SNAPSHOT_FOLDER));
    await syncFolder(this.dataFolder);
  }
}

/** Removes all snapshots of a project from the data folder. */
export async function removeSnapshots(dataFolder: string, project: string): Promise<void> {
  const folder = join(dataFolder, SNAPSHOT_FOLDER, project);
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw diskError(error, `cannot remove ${folder}`);
  }
}

type Transform = (chunks: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>;

function sealing(cipher: Cipher | undefined, id: string): Transform {
  return (chunks) => (cipher === undefined ? chunks : sealedFrames(chunks, cipher, id));
}

function opening(cipher: Cipher | undefined, id: string): Transform {
  return (chunks) => (cipher === undefined ? chunks : openedFrames(chunks, cipher, id));
}

/** Writes the pieces, compressed and then as `seal` makes them, into a new file, durably. */
async function store(
  pieces: AsyncIterable<Buffer>,
  path: string,
  seal: Transform,
): Promise<{ bytes: number; sha256: string }> {
  const file = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const zipped = createGzip({ level: LEVEL, chunkSize: CHUNK });
    const done = pipeline(pieces, zipped);
    done.catch(() => undefined);
    for await (const chunk of seal(zipped)) {
      hash.update(chunk);
      bytes += await writeAll(file, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    }
    await done;
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

function hashing(hash: ReturnType<typeof createHash>) {
  return async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

/** What a crash left: temporary files, and records whose data never got its name. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = new Set(await namesIn(folder));
  for (const name of names) {
    const orphan = name.endsWith(RECORD) && !names.has(name.slice(0, -RECORD.length) + DATA);
    if (name.endsWith('.tmp') || orphan) await rm(join(folder, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw diskError(error, `cannot read ${folder}`);
  }
}

function textOf({ id: _, createdAt, ...record }: SnapshotRecord): string {
  return `${JSON.stringify({ created_at_ms: createdAt, ...record }, null, 2)}\n`;
}

function recordFrom(id: string, text: string): SnapshotRecord {
  const { value, problems } = checkSettings(StoredRecord, JSON.parse(text) as unknown);
  if (problems.length > 0) throw invalidSettings('wrong content', problems);
  const { created_at_ms: createdAt, ...record } = value;
  return { id, createdAt, ...record };
}
