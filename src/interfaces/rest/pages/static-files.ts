import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Request, Response } from 'express';
import { type Coding, codingOf, compress } from '../response/compression.js';
import { httpDate } from '../response/http-date.js';

/** A file as it was when it was read, and what was compressed of it. */
interface StaticFile {
  readonly changed: number;
  readonly body: Buffer;
  readonly etag: string;
  readonly compressed: Map<Coding, Promise<Buffer>>;
}

/** What is not compressed already. */
const TEXT = new Set(['.css', '.html', '.js', '.json', '.md', '.mjs', '.svg', '.txt']);

/**
 * The files of a folder that the build makes. They are kept in memory, and each is compressed once, because they are
 * few and change only with the program.
 */
export class StaticFiles {
  readonly #files = new Map<string, StaticFile>();

  constructor(private readonly folder: string) {}

  /** The content of a file by its path in the folder; undefined if there is none. */
  async read(path: string): Promise<Buffer | undefined> {
    return (await this.#find(path))?.body;
  }

  /** Sends the file that a path of a URL names, in the coding that the client prefers. Whether there is one. */
  async send(path: string, cacheControl: string, request: Request, response: Response): Promise<boolean> {
    const name = pathInFolder(path);
    const file = name === undefined ? undefined : await this.#find(name);
    if (name === undefined || file === undefined) return false;
    const coding = TEXT.has(extname(name)) ? codingOf(request.headers['accept-encoding']?.toString()) : undefined;
    if (TEXT.has(extname(name))) response.vary('Accept-Encoding');
    if (coding !== undefined) response.set('Content-Encoding', coding);
    response
      .set('Cache-Control', cacheControl)
      .set('ETag', coding === undefined ? file.etag : `${file.etag.slice(0, -1)}-${coding}"`)
      .set('Last-Modified', httpDate(file.changed))
      .type(extname(name))
      .send(coding === undefined ? file.body : await compressedOnce(file, coding));
    return true;
  }

  async #find(name: string): Promise<StaticFile | undefined> {
    const path = join(this.folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isFile()) return undefined;
    const known = this.#files.get(name);
    if (known?.changed === found.mtimeMs) return known;
    const body = await readFile(path);
    const file: StaticFile = { changed: found.mtimeMs, body, etag: etagOf(body), compressed: new Map() };
    this.#files.set(name, file);
    return file;
  }
}

/** The entity tag of a page or a file. */
export function etagOf(body: string | Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
}

function compressedOnce({ body, compressed }: StaticFile, coding: Coding): Promise<Buffer> {
  const known = compressed.get(coding) ?? compress(body, coding);
  compressed.set(coding, known);
  known.catch(() => compressed.delete(coding));
  return known;
}

/** The decoded path, if it stays in the folder and names no hidden file. */
function pathInFolder(path: string): string | undefined {
  const decoded = decodeURIComponent(path);
  const segments = decoded.slice(1).split('/');
  const isPlain = segments.every((segment) => /^[^.\\\0][^\\\0]*$/.test(segment));
  return isPlain ? segments.join('/') : undefined;
}
