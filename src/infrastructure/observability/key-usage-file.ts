import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Logger } from '../../application/ports/logger.js';
import type { KeyUsage, LastUse } from '../../application/ports/registry/key-usage.js';
import type { Credential } from '../../domain/api-key.js';
import { replaceFile } from '../files/durable-file.js';

/** In ms. */
const SAVE_INTERVAL = 60_000;

/** The last use of each key, in a file of its own: it changes too often for the configuration. */
export class KeyUsageFile implements KeyUsage {
  readonly #uses = new Map<string, LastUse>();
  readonly #path: string;
  readonly #log: Logger;
  #saved = '{}\n';
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  of({ keyId, project }: Credential): LastUse {
    const name = keyId ?? `primary key of ${project ?? 'the system'}`;
    const stored = this.#uses.get(name);
    if (stored !== undefined) return stored;
    const use: LastUse = { at: undefined };
    this.#uses.set(name, use);
    return use;
  }

  /** Reads the file and starts saving. If it cannot be read, the uses in it are lost: nothing depends on them. */
  async start(): Promise<void> {
    try {
      await using file = await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
      const uses = Object.entries(JSON.parse(await file.readFile('utf8')));
      for (const [name, at] of uses) if (typeof at === 'number') this.#uses.set(name, { at });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn('read', error);
    }
    this.#timer = setInterval(() => void this.#save(), SAVE_INTERVAL).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#save();
  }

  async #save(): Promise<void> {
    const used = [...this.#uses].filter(([, { at }]) => at !== undefined).map(([name, { at }]) => [name, at]);
    const text = `${JSON.stringify(Object.fromEntries(used), null, 2)}\n`;
    if (text === this.#saved) return;
    try {
      await replaceFile(this.#path, (file) => file.writeFile(text));
      this.#saved = text;
    } catch (error) {
      this.#warn('written', error);
    }
  }

  #warn(verb: string, error: unknown): void {
    this.#log.warn({ reason: (error as Error).message }, `${this.#path}: the last uses of keys could not be ${verb}`);
  }
}
