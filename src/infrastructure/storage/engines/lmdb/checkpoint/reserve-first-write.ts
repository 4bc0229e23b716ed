import { type FileHandle, open } from 'node:fs/promises';
import type { Journal } from '../../../building-blocks/journal/journal.js';
import type { Environment } from '../environment/environment.js';
import { holesOf, takePages, UPGRADE_PAGES } from './file-room.js';

const PAGE = 4096;
const CHUNK_PAGES = 64;
const ZEROS = Buffer.alloc(PAGE);
/** Room in the journal for a commit that removes a few keys, in bytes. */
const FIRST_FRAME = 16 * 1024;

/**
 * Takes the room that the first write needs in a store of a PortKV that took none in advance: for the transaction that
 * changes its format, and for a frame. Its file may have holes, where LMDB freed pages before they were written: they
 * become blocks, so that LMDB can write to them when the disk is full.
 */
export async function reserveFirstWrite(env: Environment, journal: Journal): Promise<void> {
  if (holesOf(env) > 0) {
    await using file = await open(env.file, 'r+');
    await fillHoles(file, env.requireInPlace().size);
  }
  await takePages(env, UPGRADE_PAGES);
  await journal.reserve(FIRST_FRAME, 'remove');
}

/** Writes zeros where zeros are read, which changes nothing but what the file takes on the disk. */
async function fillHoles(file: FileHandle, size: number): Promise<void> {
  const chunk = Buffer.alloc(CHUNK_PAGES * PAGE);
  for (let at = 0; at < size; at += chunk.length) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - at), at);
    for (let page = 0; page < bytesRead; page += PAGE) {
      const zeros = ZEROS.subarray(0, Math.min(PAGE, bytesRead - page));
      if (chunk.subarray(page, page + zeros.length).equals(zeros)) await file.write(zeros, 0, zeros.length, at + page);
    }
  }
}
