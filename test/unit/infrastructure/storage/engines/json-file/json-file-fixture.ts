import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../../../../../src/application/ports/logger.js';
import type { Store } from '../../../../../../src/application/ports/store.js';
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
