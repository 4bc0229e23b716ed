import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { freeBytes } from '../../../../files/free-space.js';
import { isFull, NoRoomError } from '../../../../files/storage-errors.js';
import type { KeyWrite } from '../../../building-blocks/write-group.js';
import type { Environment } from '../environment/environment.js';
import type { TreeStats } from '../environment/tables.js';

const ZEROS = Buffer.alloc(256 * 1024);
/** What stays free on the disk for other files, in bytes. */
const DISK_RESERVE = 64 * 1024;
/** Pages for a transaction that changes nothing but the metadata. */
export const UPGRADE_PAGES = 64;
/** Pages of a transaction that changes nothing: the table `meta`, the list of tables, the two lists of free pages. */
const LEAST_PAGES = 32;
/** So many page numbers of free pages fit into a page, at least. */
const NUMBERS_PER_PAGE = 500;
/** What a node of a page has besides key and record, in bytes, at most. */
const NODE_OVERHEAD = 16;
const BLOCK = 512;

/** How many pages a transaction with these writes can need at most, if no free page is used again. */
export function pagesFor(env: Environment, writes: readonly KeyWrite[], records: readonly (Buffer | undefined)[]) {
  const { pageSize, lastPageNumber } = env.root.getStats() as { pageSize: number; lastPageNumber: number };
  let [bytes, overflow, expiring] = [0, 0, 0];
  for (const [i, { key, before, entry }] of writes.entries()) {
    const record = records[i]?.length ?? 0;
    const node = 3 * key.length + NODE_OVERHEAD;
    if (record > pageSize / 4) overflow += Math.ceil(record / pageSize) + 1;
    bytes += node + Math.min(record, pageSize / 2);
    if (before?.expiresAt !== undefined || entry?.expiresAt !== undefined) expiring += 1;
  }
  const pages = treePages(env.entries.getStats(), writes.length, bytes, pageSize);
  const expiryPages = treePages(env.expiry.getStats(), 2 * expiring, bytes, pageSize);
  const listed = Math.ceil((pages + expiryPages + 2 * overflow + lastPageNumber) / NUMBERS_PER_PAGE);
  return pages + expiryPages + overflow + 2 * listed + LEAST_PAGES;
}

/**
 * The pages of a tree that are copied, with the way to them, and those that they are split into: not more than one for
 * each key, and for each quarter of a page that is put.
 */
function treePages(stats: TreeStats, keys: number, bytes: number, pageSize: number): number {
  if (keys === 0) return 0;
  const { treeDepth, treeBranchPageCount, treeLeafPageCount } = stats;
  const copied = Math.min(keys * treeDepth, treeBranchPageCount + treeLeafPageCount);
  const split = Math.min(keys, Math.min(keys, treeLeafPageCount) + Math.ceil((4 * bytes) / pageSize));
  return copied + split + Math.ceil(split / 2) + treeDepth + 1;
}

/**
 * Gives the data file so many pages after its last one, as blocks of zeros: LMDB, which ends the process on some failed
 * writes, finds its room taken. Zeros are written even if there are as many pages: if the disk takes no write, that
 * shows here. Rejects with `NoRoomError`, with the file as it was, if the disk has no room, and with `CorruptFileError`
 * if the file was cut: what is missing is data then.
 */
export async function takePages(env: Environment, pages: number): Promise<void> {
  const { pageSize } = env.root.getStats() as { pageSize: number };
  const { size } = env.requireInPlace();
  // With one to write to.
  const growth = Math.max(0, usedBytesOf(env) + (pages + 1) * pageSize - size);
  const taken = growth + holesOf(env);
  if (taken > 0 && (await freeBytes(dirname(env.file))) < taken + DISK_RESERVE) throw noRoom(env, taken);
  await using file = await open(env.file, 'r+');
  env.requireInPlace();
  try {
    await writeZeros(file, growth > 0 ? size : size - pageSize, growth || pageSize);
  } catch (error) {
    if (growth > 0) await file.truncate(size);
    throw isFull(error) ? noRoom(env, growth, error) : error;
  }
  env.grew();
}

/** How many bytes of the data file are no blocks of the disk. */
export function holesOf(env: Environment): number {
  const { size, blocks } = env.requireInPlace();
  return Math.max(0, size - blocks * BLOCK);
}

/** Where the last page of the data file ends. */
export function usedBytesOf(env: Environment): number {
  const { pageSize, lastPageNumber } = env.root.getStats() as { pageSize: number; lastPageNumber: number };
  return (lastPageNumber + 1) * pageSize;
}

/** Gives back what LMDB has not used, once it is closed. */
export async function trimFile(path: string, bytes: number): Promise<void> {
  await using file = await open(path, 'r+');
  if ((await file.stat()).size > bytes) await file.truncate(bytes);
}

async function writeZeros(file: Awaited<ReturnType<typeof open>>, from: number, bytes: number): Promise<void> {
  for (let done = 0; done < bytes; ) {
    const { bytesWritten } = await file.write(ZEROS, 0, Math.min(ZEROS.length, bytes - done), from + done);
    done += bytesWritten;
  }
}

function noRoom(env: Environment, bytes: number, cause?: unknown): NoRoomError {
  return new NoRoomError(`${env.file}: no space is left on the disk for ${bytes} bytes`, cause);
}
