import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One recorded system call, or a line about what a client sent or got (`ack`). */
export interface Recorded {
  readonly seq: number;
  readonly call: string;
  readonly path: string;
  readonly to: string;
  readonly inode: number;
  readonly offset: number;
  readonly length: number;
  readonly flags: number;
  readonly result: number;
  /** The number of the last call that was recorded before this one began. */
  readonly began: number;
  readonly bytes: Buffer;
}

/** Reads what faultlib.c recorded under a prefix. */
export function readRecord(prefix: string): Recorded[] {
  const data = readFileSync(`${prefix}.data`);
  const lines = readFileSync(`${prefix}.ops`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [seq, , call = '', path = '', to = '', inode, offset, length, at, flags, result, , began] = line.split('\t');
    const bytes = Number(at) < 0 ? Buffer.alloc(0) : data.subarray(Number(at), Number(at) + Number(result));
    const numbers = {
      inode: Number(inode),
      offset: Number(offset),
      length: Number(length),
      flags: Number(flags),
      result: Number(result),
    };
    return { seq: Number(seq), call, path, to, ...numbers, began: Number(began), bytes };
  });
}

/** A change of a file that may not be on the disk yet. */
export interface PendingWrite {
  readonly seq: number;
  readonly offset: number;
  /** Undefined for a truncation to `offset`. */
  readonly bytes: Buffer | undefined;
}

/** What is certainly on the disk of a file, and what may be. */
export interface RecordedFile {
  durable: Buffer;
  pending: PendingWrite[];
  /** The times of change, in seconds, that are or may be on the disk; undefined if none was set. */
  changed: number | undefined;
  changing: number | undefined;
}

/** A change of names that may not be on the disk yet. */
export interface PendingName {
  readonly seq: number;
  readonly path: string;
  readonly to: string;
  readonly file: RecordedFile | undefined;
  readonly call: string;
}

/**
 * `ext4`: names reach the disk in order, all of them with any sync. `posix`: each alone, and only by a sync of its
 * folder.
 */
export type FileSystem = 'ext4' | 'posix';

/** A disk on which recorded calls are replayed, to know what a power cut may leave of it. */
export class RecordedDisk {
  readonly folders = new Set<string>();
  /** The names that are certainly on the disk. */
  readonly names = new Map<string, RecordedFile>();
  pendingNames: PendingName[] = [];
  /** The lines about what clients sent and got, in order. */
  readonly clientLines: string[] = [];
  readonly #current = new Map<string, RecordedFile>();
  readonly #byInode = new Map<number, RecordedFile>();

  /** Starts with the content of a folder, all of it durable. */
  constructor(
    readonly root: string,
    private readonly fileSystem: FileSystem,
  ) {
    this.#read(root);
  }

  #read(folder: string): void {
    this.folders.add(folder);
    for (const { name } of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, name);
      const { ino, mode, mtimeMs } = statSync(path);
      if ((mode & 0o170000) === 0o040000) {
        this.#read(path);
        continue;
      }
      const file = { ...newFile(), durable: readFileSync(path), changed: mtimeMs / 1000 };
      this.names.set(path, file);
      this.#current.set(path, file);
      this.#byInode.set(ino, file);
    }
  }

  play(it: Recorded): void {
    if (it.call === 'ack') {
      this.clientLines.push(...it.path.split('|').filter((line) => line !== ''));
      return;
    }
    if (it.result < 0) return;
    switch (it.call) {
      case 'create':
        this.#byInode.set(it.inode, newFile());
        this.#name(it, it.path, this.#file(it));
        break;
      case 'write':
        this.#file(it).pending.push({ seq: it.seq, offset: it.offset, bytes: it.bytes });
        // O_DSYNC: durable when it returns.
        if (it.flags & 0o10000) this.#sync(this.#file(it), it.seq);
        break;
      case 'truncate':
        this.#file(it).pending.push({ seq: it.seq, offset: it.offset, bytes: undefined });
        break;
      case 'utime':
        this.#file(it).changing = it.offset + it.length / 1e9;
        break;
      case 'sync':
        // Only fsync makes the times of a file durable.
        if (it.to === 'fsync') this.#file(it).changed = this.#file(it).changing ?? this.#file(it).changed;
        this.#sync(this.#file(it), it.began);
        if (this.fileSystem === 'ext4') this.#settleNames((name) => name.seq <= it.began);
        break;
      case 'syncdir':
        this.#settleNames((name) => name.seq <= it.began && inFolder(name, it.path));
        break;
      default:
        this.#rename(it);
    }
  }

  #rename(it: Recorded): void {
    if (!['rename', 'unlink', 'link', 'mkdir', 'rmdir'].includes(it.call)) return;
    const file = this.#current.get(it.path);
    if (it.call === 'rename' || it.call === 'unlink') this.#current.delete(it.path);
    this.#name(it, it.call === 'unlink' ? '' : it.to, file);
  }

  #name(it: Recorded, path: string, file: RecordedFile | undefined): void {
    if (path !== '' && file !== undefined) this.#current.set(path, file);
    this.pendingNames.push({ seq: it.seq, path: it.path, to: it.to, file, call: it.call });
  }

  #file({ inode, path }: Recorded): RecordedFile {
    const file = this.#byInode.get(inode);
    if (file === undefined) throw new Error(`a call on ${path}, which no recorded call created`);
    return file;
  }

  #sync(file: RecordedFile, until: number): void {
    const done = file.pending.filter(({ seq }) => seq <= until);
    file.durable = applied(file.durable, done);
    file.pending = file.pending.filter(({ seq }) => seq > until);
  }

  #settleNames(isSynced: (name: PendingName) => boolean): void {
    const last = this.pendingNames.findLastIndex(isSynced);
    const settles = (name: PendingName, i: number) => (this.fileSystem === 'ext4' ? i <= last : isSynced(name));
    for (const name of this.pendingNames.filter(settles)) applyName(name, this.names, this.folders);
    this.pendingNames = this.pendingNames.filter((name, i) => !settles(name, i));
  }
}

function newFile(): RecordedFile {
  return { durable: Buffer.alloc(0), pending: [], changed: undefined, changing: undefined };
}

/** Changes names as a call did. */
export function applyName(
  { call, path, to, file }: PendingName,
  names: Map<string, RecordedFile>,
  folders: Set<string>,
): void {
  if (call === 'mkdir') folders.add(path);
  if (call === 'rmdir') folders.delete(path);
  if (call === 'rename' || call === 'unlink') names.delete(path);
  if (call === 'create' && file !== undefined) names.set(path, file);
  if ((call === 'rename' || call === 'link') && file !== undefined) names.set(to, file);
  if (call === 'rename' && file === undefined) renameFolder(path, to, names, folders);
}

function renameFolder(from: string, to: string, names: Map<string, RecordedFile>, folders: Set<string>): void {
  for (const [path, file] of [...names]) {
    if (!path.startsWith(`${from}/`)) continue;
    names.delete(path);
    names.set(to + path.slice(from.length), file);
  }
  for (const folder of [...folders]) {
    if (folder !== from && !folder.startsWith(`${from}/`)) continue;
    folders.delete(folder);
    folders.add(to + folder.slice(from.length));
  }
}

/** A file's content after some writes. */
export function applied(content: Buffer, writes: readonly PendingWrite[]): Buffer {
  let length = content.length;
  let longest = length;
  for (const { offset, bytes } of writes) {
    length = bytes === undefined ? offset : Math.max(length, offset + bytes.length);
    longest = Math.max(longest, length);
  }
  const result = Buffer.alloc(longest);
  content.copy(result);
  let end = content.length;
  for (const { offset, bytes } of writes) {
    if (bytes === undefined) {
      if (offset < end) result.fill(0, offset, end);
      end = offset;
    } else {
      bytes.copy(result, offset);
      end = Math.max(end, offset + bytes.length);
    }
  }
  return result.subarray(0, length);
}

function inFolder({ path, to }: PendingName, folder: string): boolean {
  return dirname(path) === folder || (to !== '' && dirname(to) === folder);
}
