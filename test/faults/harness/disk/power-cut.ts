import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  applied,
  applyName,
  type FileSystem,
  type PendingWrite,
  type RecordedDisk,
  type RecordedFile,
} from './recorded-disk.js';

const PAGE = 4096;
const SECTOR = 512;

/** How much of the writes that were not synced is on the disk. */
export type UnsyncedWrites = 'nothing' | 'everything' | 'parts';

/** Writes to `out` a state of the disk that a power cut may leave. */
export function writeCutState(
  disk: RecordedDisk,
  fileSystem: FileSystem,
  leaving: UnsyncedWrites,
  random: () => number,
  out: string,
): void {
  const names = new Map(disk.names);
  const folders = new Set(disk.folders);
  const inOrder = Math.floor(random() * (disk.pendingNames.length + 1));
  disk.pendingNames.forEach((name, i) => {
    const there = fileSystem === 'ext4' ? i < inOrder : random() < 0.5;
    if (leaving === 'everything' || (leaving === 'parts' && there)) applyName(name, names, folders);
  });
  rmSync(out, { recursive: true, force: true });
  const target = (path: string) => join(out, path.slice(disk.root.length));
  for (const folder of folders) mkdirSync(target(folder), { recursive: true });
  for (const [path, file] of names) {
    // A file in a folder whose name was lost is lost, too.
    if (!folders.has(dirname(path))) continue;
    writeFileSync(target(path), contentOf(file, leaving, random), { mode: 0o600 });
    const later = leaving === 'everything' || (leaving === 'parts' && random() < 0.5);
    const changed = (later ? file.changing : undefined) ?? file.changed;
    if (changed !== undefined) utimesSync(target(path), changed, changed);
  }
}

function contentOf(file: RecordedFile, leaving: UnsyncedWrites, random: () => number): Buffer {
  if (leaving === 'nothing') return file.durable;
  if (leaving === 'everything') return applied(file.durable, file.pending);
  const until = file.pending.some(({ bytes }) => bytes === undefined)
    ? Math.floor(random() * (file.pending.length + 1))
    : file.pending.length;
  let kept: PendingWrite[] = [];
  let content = file.durable;
  for (const write of file.pending.slice(0, until)) {
    if (write.bytes !== undefined) {
      kept.push(write);
      continue;
    }
    content = applied(applied(content, somePages(kept, random)), [write]);
    kept = [];
  }
  return applied(content, somePages(kept, random));
}

/** Some of the writes: of each page the first ones, in order, the last perhaps only in its first sectors. */
function somePages(writes: readonly PendingWrite[], random: () => number): PendingWrite[] {
  const pages = new Map<number, PendingWrite[]>();
  for (const { seq, offset, bytes = Buffer.alloc(0) } of writes) {
    for (let at = offset; at < offset + bytes.length; ) {
      const page = Math.floor(at / PAGE);
      const end = Math.min((page + 1) * PAGE, offset + bytes.length);
      const known = pages.get(page) ?? [];
      known.push({ seq, offset: at, bytes: bytes.subarray(at - offset, end - offset) });
      pages.set(page, known);
      at = end;
    }
  }
  return [...pages.values()].flatMap((all) => {
    const some = all.slice(0, Math.floor(random() * (all.length + 1)));
    const last = some.at(-1);
    if (last?.bytes === undefined || random() > 0.3) return some;
    const firstSector = SECTOR - (last.offset % SECTOR);
    const cut = firstSector + SECTOR * Math.floor(random() * 8);
    return [...some.slice(0, -1), { ...last, bytes: last.bytes.subarray(0, cut) }];
  });
}
