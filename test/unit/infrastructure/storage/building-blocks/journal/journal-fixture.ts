import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../../../../../src/infrastructure/storage/building-blocks/journal/journal.js';
import { readJournal } from '../../../../../../src/infrastructure/storage/building-blocks/journal/read-journal.js';

export const SEGMENT = 64 * 1024;
const ignore = () => undefined;

/** A folder for a journal of texts. */
export class JournalFolder {
  readonly warnings: string[] = [];

  private constructor(readonly parent: string) {}

  /** Runs `use` in a new folder and removes it. */
  static async with(use: (folder: JournalFolder) => Promise<unknown>): Promise<void> {
    const folder = new JournalFolder(await mkdtemp(join(tmpdir(), 'portkv-')));
    try {
      await use(folder);
    } finally {
      await rm(folder.parent, { recursive: true });
    }
  }

  get path(): string {
    return join(this.parent, 'journal');
  }

  /** Opens the journal, and returns what it holds, too. */
  async open(after = 0, maxSegmentBytes = SEGMENT): Promise<{ journal: Journal; found: string[] }> {
    const found: string[] = [];
    const warn = (_: object, message: string) => void this.warnings.push(message);
    const log = { error: ignore, warn, info: ignore, debug: undefined };
    const options = { folder: this.path, segmentBytes: SEGMENT, maxSegmentBytes, after, log };
    const journal = await Journal.open(options, (payload) => found.push(payload.toString()));
    return { journal, found };
  }

  /** What the journal holds, read without a change. */
  async read(after = 0): Promise<string[]> {
    const found: string[] = [];
    await readJournal(this.path, after, (payload) => found.push(payload.toString()));
    return found;
  }

  /** What a crash now would leave, in a folder of its own. */
  async crash(use: (copy: JournalFolder) => Promise<unknown>): Promise<void> {
    await JournalFolder.with(async (copy) => {
      await this.#copyTo(copy.path);
      await use(copy);
    });
  }

  /** A segment that is being made may get its name meanwhile. */
  async #copyTo(path: string): Promise<void> {
    for (;;) {
      try {
        return await cp(this.path, path, { recursive: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  /** The segments, in the order in which they were made. */
  async segments(): Promise<string[]> {
    const paths = (await readdir(this.path).catch(() => []))
      .filter((name) => name.endsWith('.segment'))
      .map((name) => join(this.path, name));
    const made = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).birthtimeMs })));
    return made.sort((a, b) => a.at - b.at).map(({ path }) => path);
  }

  async change(path: string, edit: (bytes: Buffer) => Buffer | undefined): Promise<void> {
    const bytes = await readFile(path);
    await writeFile(path, edit(bytes) ?? bytes);
  }
}

/** Appends texts, each as a frame of its own. */
export async function append(journal: Journal, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await journal.reserve(Buffer.byteLength(text), 'put');
    await journal.append([Buffer.from(text)]);
  }
}

export function texts(count: number, bytes: number, first = 0): string[] {
  return Array.from({ length: count }, (_, i) => `${first + i}:`.padEnd(bytes, 'x'));
}
