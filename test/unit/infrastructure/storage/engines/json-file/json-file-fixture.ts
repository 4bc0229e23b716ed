import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../../../../../src/application/ports/logger.js';
import type { Store } from '../../../../../../src/application/ports/store.js';
import { readJournal } from '../../../../../../src/infrastructure/storage/building-blocks/journal/read-journal.js';
import { engine } from '../../../../../../src/infrastructure/storage/engines/json-file/engine.js';

/** A folder with the files of a json-file store, which tests write and read by hand. */
export class JsonFileFolder {
  readonly warnings: string[] = [];
  readonly options = new engine.Options();

  private constructor(readonly path: string) {}

  /** Runs `use` in a new folder and removes it. */
  static async with(use: (folder: JsonFileFolder) => Promise<void>): Promise<void> {
    const folder = new JsonFileFolder(await mkdtemp(join(tmpdir(), 'portkv-')));
    try {
      await use(folder);
    } finally {
      await rm(folder.path, { recursive: true });
    }
  }

  get location() {
    return { project: 'p', generation: 1, folder: this.path };
  }
  get file(): string {
    return join(this.path, 'p_store.json');
  }
  /** The folder of the journal, or the journal of an earlier PortKV. */
  get journal(): string {
    return join(this.path, 'p_store.journal');
  }
  get old(): string {
    return join(this.path, 'p_store.journal.old');
  }

  open(): Promise<Store> {
    const ignore = () => undefined;
    const warn = (_: object, message: string) => void this.warnings.push(message);
    return engine.open(this.location, this.options, {
      error: ignore,
      warn,
      info: ignore,
      debug: ignore,
    } satisfies Logger);
  }

  /** How many frames a crash now would leave. */
  async frames(): Promise<number> {
    let frames = 0;
    await readJournal(this.journal, 0, () => frames++);
    return frames;
  }

  /** Copies the files as a crash would leave them; again if a fold changes them meanwhile. */
  async copyTo(other: JsonFileFolder): Promise<void> {
    for (let before = '', now = 'unknown'; before !== now; ) {
      before = await this.#times();
      await cp(this.path, other.path, { recursive: true }).catch(() => undefined);
      now = await this.#times();
      if (before !== now)
        for (const name of await readdir(other.path)) await rm(join(other.path, name), { recursive: true });
    }
  }

  async #times(): Promise<string> {
    const names = await readdir(this.path, { recursive: true });
    const stats = names.map((name) => stat(join(this.path, name)).catch(() => ({ mtimeMs: 0, ino: 0 })));
    return (await Promise.all(stats)).map(({ mtimeMs, ino }, i) => `${names[i]} ${mtimeMs} ${ino}`).join();
  }

  create(): Promise<void> {
    return engine.create(this.location, this.options);
  }

  /** Opens a store from the text of its file. */
  async openText(text: string | Buffer): Promise<Store> {
    await writeFile(this.file, text);
    return this.open();
  }

  text(): Promise<string> {
    return readFile(this.file, 'utf8');
  }
}

/** What a store holds of a key: the bytes as text, and the content type. */
export async function shown(store: Store, key: string): Promise<string | undefined> {
  const found = await store.get(key);
  return found && `${Buffer.from(found.value)} · ${found.contentType}`;
}
