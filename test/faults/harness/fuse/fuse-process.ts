// A file system by FUSE, as a process of its own: passes all calls on to another folder, with the peculiarities that
// its arguments ask for. Started by `odd-folder.ts` with /dev/fuse as file 3.
import * as fs from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Peculiarities } from './odd-folder.js';
import * as fuse from './protocol.js';
import { OP } from './protocol.js';

const DEVICE = 3;
const ROOT = 1n;
const { errno } = constants;
const [backing = '', json = '{}'] = process.argv.slice(2);
const odd = JSON.parse(json) as Peculiarities;
const resolution = BigInt(odd.timeResolution ?? 1);
const maxName = odd.maxName ?? 255;

/** Paths of nodes, relative to the folder below. */
const paths = new Map<bigint, string>([[ROOT, '']]);
const nodes = new Map<string, bigint>([['', ROOT]]);
const listings = new Map<number, string[]>();
let lastNode = ROOT;
let lastListing = 0;

class Refusal extends Error {
  constructor(readonly errno: number) {
    super();
  }
}

function pathOf(node: bigint): string {
  const path = paths.get(node);
  if (path === undefined) throw new Refusal(errno.ENOENT);
  return join(backing, path);
}

/** The path of a name in a folder, relative to the folder below; that of another spelling, if case is ignored. */
function relative(folder: bigint, name: string): string {
  const parent = paths.get(folder);
  if (parent === undefined) throw new Refusal(errno.ENOENT);
  if (Buffer.byteLength(name) > maxName) throw new Refusal(errno.ENAMETOOLONG);
  const path = join(parent, name);
  if (odd.ignoreCase !== true || fs.existsSync(join(backing, path))) return path;
  const found = fs.readdirSync(join(backing, parent)).find((it) => it.toLowerCase() === name.toLowerCase());
  return found === undefined ? path : join(parent, found);
}

function nodeOf(path: string): bigint {
  const known = nodes.get(path);
  if (known !== undefined) return known;
  lastNode += 1n;
  nodes.set(path, lastNode);
  paths.set(lastNode, path);
  return lastNode;
}

/** The path leads to nothing any more. */
function forgetPath(path: string): void {
  const node = nodes.get(path);
  nodes.delete(path);
  if (node !== undefined) paths.delete(node);
}

function attributesOf(stat: fs.BigIntStats): Buffer {
  return fuse.attributes(stat as never, resolution);
}

function entry(path: string): Buffer {
  const stat = fs.lstatSync(join(backing, path), { bigint: true });
  return fuse.entryReply(nodeOf(path), attributesOf(stat));
}

function handleIn(body: Buffer): number {
  return Number(body.readBigUInt64LE(0));
}

function rename(folder: bigint, target: bigint, names: readonly string[]): Buffer {
  const [from, to] = [relative(folder, names[0] as string), relative(target, names[1] as string)];
  fs.renameSync(join(backing, from), join(backing, to));
  if (from === to) return Buffer.alloc(0);
  forgetPath(to);
  for (const [node, path] of [...paths]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    nodes.delete(path);
    const moved = to + path.slice(from.length);
    paths.set(node, moved);
    nodes.set(moved, node);
  }
  return Buffer.alloc(0);
}

function setAttributes(node: bigint, body: Buffer): Buffer {
  const valid = body.readUInt32LE(0);
  const handle = Number(body.readBigUInt64LE(8));
  const target = valid & fuse.SET.FH ? handle : pathOf(node);
  const stat = () =>
    typeof target === 'number' ? fs.fstatSync(target, { bigint: true }) : fs.lstatSync(target, { bigint: true });
  const time = (at: number, nsAt: number) => Number(body.readBigUInt64LE(at)) + body.readUInt32LE(nsAt) / 1e9;
  if (valid & fuse.SET.SIZE) {
    const size = Number(body.readBigUInt64LE(16));
    if (typeof target === 'number') fs.ftruncateSync(target, size);
    else fs.truncateSync(target, size);
  }
  if (valid & fuse.SET.MODE) {
    if (odd.noModes) throw new Refusal(errno.EPERM);
    fs.chmodSync(pathOf(node), body.readUInt32LE(68) & 0o7777);
  }
  if (valid & (fuse.SET.MTIME | fuse.SET.ATIME)) {
    if (odd.noTimes) throw new Refusal(errno.EPERM);
    const now = Date.now() / 1000;
    const atime = valid & fuse.SET.ATIME_NOW ? now : time(32, 56);
    const mtime = valid & fuse.SET.MTIME_NOW ? now : time(40, 60);
    if (typeof target === 'number') fs.futimesSync(target, atime, mtime);
    else fs.utimesSync(target, atime, mtime);
  }
  return fuse.attributeReply(attributesOf(stat()));
}

function list(body: Buffer): Buffer {
  const names = listings.get(handleIn(body)) ?? [];
  const room = body.readUInt32LE(16);
  const parts: Buffer[] = [];
  let length = 0;
  for (let at = Number(body.readBigUInt64LE(8)); at < names.length; at++) {
    const part = fuse.folderEntry(BigInt(at + 1), at + 1, names[at] as string);
    length += part.length;
    if (length > room) break;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function read(body: Buffer): Buffer {
  const bytes = Buffer.alloc(body.readUInt32LE(16));
  const length = fs.readSync(handleIn(body), bytes, 0, bytes.length, Number(body.readBigUInt64LE(8)));
  return bytes.subarray(0, length);
}

const nothing = Buffer.alloc(0);

const handlers: Record<number, (node: bigint, body: Buffer) => Buffer> = {
  [OP.INIT]: () => fuse.initReply(fuse.INIT.BIG_WRITES | (odd.locks === undefined ? 0 : fuse.INIT.POSIX_LOCKS)),
  [OP.LOOKUP]: (node, body) => entry(relative(node, fuse.namesFrom(body)[0] as string)),
  [OP.GETATTR]: (node, body) => {
    const useHandle = body.readUInt32LE(0) === 1;
    const stat = useHandle
      ? fs.fstatSync(Number(body.readBigUInt64LE(8)), { bigint: true })
      : fs.lstatSync(pathOf(node), { bigint: true });
    return fuse.attributeReply(attributesOf(stat));
  },
  [OP.SETATTR]: setAttributes,
  [OP.READLINK]: (node) => Buffer.from(fs.readlinkSync(pathOf(node))),
  [OP.SYMLINK]: (node, body) => {
    const [name = '', target = ''] = fuse.namesFrom(body);
    const path = relative(node, name);
    fs.symlinkSync(target, join(backing, path));
    return entry(path);
  },
  [OP.MKDIR]: (node, body) => {
    const path = relative(node, fuse.namesFrom(body.subarray(8))[0] as string);
    fs.mkdirSync(join(backing, path), { mode: body.readUInt32LE(0) & 0o7777 });
    return entry(path);
  },
  [OP.UNLINK]: (node, body) => {
    const path = relative(node, fuse.namesFrom(body)[0] as string);
    fs.unlinkSync(join(backing, path));
    forgetPath(path);
    return nothing;
  },
  [OP.RMDIR]: (node, body) => {
    const path = relative(node, fuse.namesFrom(body)[0] as string);
    fs.rmdirSync(join(backing, path));
    forgetPath(path);
    return nothing;
  },
  [OP.RENAME]: (node, body) => rename(node, body.readBigUInt64LE(0), fuse.namesFrom(body.subarray(8))),
  [OP.RENAME2]: (node, body) => {
    if (body.readUInt32LE(8) !== 0) throw new Refusal(errno.EINVAL);
    return rename(node, body.readBigUInt64LE(0), fuse.namesFrom(body.subarray(16)));
  },
  [OP.OPEN]: (node, body) => fuse.openReply(fs.openSync(pathOf(node), body.readUInt32LE(0) & ~fs.constants.O_APPEND)),
  [OP.CREATE]: (node, body) => {
    const path = relative(node, fuse.namesFrom(body.subarray(16))[0] as string);
    const flags = (body.readUInt32LE(0) & ~fs.constants.O_APPEND) | fs.constants.O_CREAT;
    const handle = fs.openSync(join(backing, path), flags, body.readUInt32LE(4) & 0o7777);
    return Buffer.concat([entry(path), fuse.openReply(handle)]);
  },
  [OP.READ]: (_, body) => read(body),
  [OP.WRITE]: (_, body) => {
    const size = body.readUInt32LE(16);
    const at = Number(body.readBigUInt64LE(8));
    return fuse.writeReply(fs.writeSync(handleIn(body), body, 40, size, at));
  },
  [OP.STATFS]: () => fuse.statfsReply(odd.noSize ? 0 : 1 << 20, maxName),
  [OP.RELEASE]: (_, body) => {
    fs.closeSync(handleIn(body));
    return nothing;
  },
  [OP.FLUSH]: () => nothing,
  [OP.FSYNC]: () => nothing,
  [OP.OPENDIR]: (node) => {
    lastListing += 1;
    listings.set(lastListing, fs.readdirSync(pathOf(node)));
    return fuse.openReply(lastListing);
  },
  [OP.READDIR]: (_, body) => list(body),
  [OP.RELEASEDIR]: (_, body) => {
    listings.delete(handleIn(body));
    return nothing;
  },
  [OP.FSYNCDIR]: () => {
    if (odd.syncFolder !== undefined) throw new Refusal(errno[odd.syncFolder]);
    return nothing;
  },
  [OP.SETLK]: () => {
    throw new Refusal(errno[odd.locks ?? 'ENOSYS']);
  },
};

function answer({ opcode, node, body }: fuse.Request): [number, Buffer] {
  const handler = handlers[opcode];
  if (handler === undefined) return [errno.ENOSYS, nothing];
  try {
    return [0, handler(node, body)];
  } catch (error) {
    if (error instanceof Refusal) return [error.errno, nothing];
    const { errno: number } = error as NodeJS.ErrnoException;
    return [number === undefined ? errno.EIO : -number, nothing];
  }
}

const UNANSWERED: ReadonlySet<number> = new Set([OP.FORGET, OP.BATCH_FORGET, OP.INTERRUPT]);
const buffer = Buffer.alloc(fuse.MAX_WRITE + 4096);
for (;;) {
  let length: number;
  try {
    length = fs.readSync(DEVICE, buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINTR' || code === 'ENOENT' || code === 'EAGAIN') continue;
    // It was unmounted.
    break;
  }
  const request = fuse.parseRequest(buffer.subarray(0, length));
  if (UNANSWERED.has(request.opcode)) continue;
  const [failed, body] = answer(request);
  try {
    fs.writeSync(DEVICE, fuse.response(request.unique, failed, body));
  } catch {
    // The caller was interrupted.
  }
}
