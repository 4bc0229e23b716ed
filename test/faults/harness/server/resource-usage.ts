import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerFolder } from '../server-folder.js';
import { type ServerProcess, TIMEOUT } from './server-process.js';

/** The resources of a server without requests. */
export interface ResourceUsage {
  /** Bytes in memory that are in use. */
  readonly memory: number;
  readonly resident: number;
  readonly openFiles: number;
  readonly sockets: number;
  /** Readers of lmdb that keep pages from being used again. */
  readonly readers: number;
  /** Bytes of all files of some projects. */
  readonly bytes: number;
}

/** Arguments for a server that reports its memory on request. */
export const REPORT_MEMORY = ['--expose-gc', '--import', new URL('memory-on-signal.js', import.meta.url).href];

/** Kept for an hour, up to a size: the list of deleted files of a `directory`. */
const KEPT_FOR_A_TIME = /^deleted(\.old)?\.ndjson$/;
/** The transaction number in lmdb's reader table of a reader that is idle. */
const IDLE = 0xffff_ffff_ffff_ffffn;

export async function resourceUsageOf(
  server: ServerProcess,
  folder: ServerFolder,
  projects: readonly string[],
): Promise<ResourceUsage> {
  const memory = await memoryOf(server);
  const pid = server.child.pid ?? 0;
  const open = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  const sockets = open.filter((target) => target.startsWith('socket:')).length;
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const files = filesIn(folder.data).filter((path) =>
    projects.some((id) => path.slice(folder.data.length + 1).startsWith(id)),
  );
  return {
    memory,
    resident: Number(resident) * 1024,
    openFiles: open.length - sockets,
    sockets,
    readers: files.filter((path) => path.endsWith('lock.mdb')).reduce((sum, path) => sum + readersIn(path, pid), 0),
    bytes: files.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
  };
}

async function memoryOf(server: ServerProcess): Promise<number> {
  const known = server.log.length;
  server.child.kill('SIGUSR2');
  for (const end = performance.now() + TIMEOUT; performance.now() < end; await sleep(10)) {
    const [, memory] = /MEMORY (\d+)\n/.exec(server.log.slice(known)) ?? [];
    if (memory !== undefined) return Number(memory);
  }
  throw new Error('the server does not report its memory');
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((it) => it.isFile() && !KEPT_FOR_A_TIME.test(it.name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** Each slot of the reader table has the number of the transaction that is read, or IDLE, and then the process id. */
function readersIn(path: string, pid: number): number {
  const bytes = readFileSync(path);
  let readers = 0;
  for (let at = 8; at + 8 <= bytes.length; at += 8) {
    if (bytes.readBigUInt64LE(at) === BigInt(pid) && bytes.readBigUInt64LE(at - 8) !== IDLE) readers++;
  }
  return readers;
}
