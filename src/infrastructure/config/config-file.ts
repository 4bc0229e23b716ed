import { isUtf8 } from 'node:buffer';
import { lstat, mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeyedMutex } from '../../application/keyed-mutex.js';
import { AppError } from '../../domain/errors.js';
import { replaceFile } from '../files/durable-file.js';
import { diskError } from '../files/storage-errors.js';
import { type Edit, editJson, jsonProblem } from './json-editor.js';

const BOM = Buffer.from('\uFEFF');

/** `config.json` on disk. People edit it too, so a change starts from what stands there and touches nothing but its own members. */
export class ConfigFile {
  readonly #turns = new KeyedMutex();

  /** The path is absolute. */
  constructor(readonly path: string) {}

  /** What stands there, or undefined where no file is. Rejects with `invalid`, naming line and column, or `unavailable`. */
  async read(): Promise<unknown> {
    const { text, problem } = await this.#load();
    if (text === undefined) return undefined;
    if (problem !== undefined) throw new AppError('invalid', `${this.path} is not valid JSON: ${problem}`);
    return JSON.parse(text);
  }

  /** Writes the first configuration, making its folder where it is missing. Rejects with `unavailable` where something is there. */
  async create(config: object): Promise<void> {
    try {
      const there = await lstat(this.path).catch(() => undefined);
      if (there !== undefined) throw new Error('there is one already');
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await replaceFile(this.path, (file) => file.writeFile(`${JSON.stringify(config, null, 2)}\n`));
    } catch (error) {
      throw diskError(error, `cannot write ${this.path}`);
    }
  }

  /**
   * Makes the edits that `plan` finds necessary in view of what the file holds now; once they are on disk, `done` runs before the
   * next change begins. Rejects with `unavailable` or `insufficient_storage`, or as `plan` throws; then nothing was changed.
   */
  async change(plan: (config: unknown) => readonly Edit[], done: () => void): Promise<void> {
    await this.#turns.run(['change'], async () => {
      const { text = '', bom, problem } = await this.#load();
      if (problem !== undefined) throw this.#unusable(problem);
      const edits = plan(JSON.parse(text));
      if (edits.length > 0) await this.#write(bom + this.#edited(text, edits));
      done();
    });
  }

  #edited(text: string, edits: readonly Edit[]): string {
    try {
      const edited = editJson(text, edits);
      JSON.parse(edited);
      return edited;
    } catch (error) {
      throw this.#unusable((error as Error).message, error);
    }
  }

  async #write(text: string): Promise<void> {
    try {
      await replaceFile(await realpath(this.path), (file) => file.writeFile(text));
    } catch (error) {
      throw diskError(error, `cannot write ${this.path}`);
    }
  }

  async #load(): Promise<{ text?: string; bom: string; problem?: string | undefined }> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { bom: '', problem: 'the file is gone' };
      throw diskError(error, `cannot read ${this.path}`);
    }
    const bom = bytes.subarray(0, 3).equals(BOM) ? '\uFEFF' : '';
    const text = bytes.toString('utf8', bom === '' ? 0 : 3);
    return { text, bom, problem: isUtf8(bytes) ? jsonProblem(text) : 'it is not UTF-8' };
  }

  #unusable(problem: string, cause?: unknown): AppError {
    const message = `${this.path} cannot be changed: ${problem}. Nothing was changed; correct the file and repeat.`;
    return new AppError('unavailable', message, { cause });
  }
}
