import { isUtf8 } from 'node:buffer';
import { lstat, mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Awaitable } from '../../application/awaitable.js';
import { KeyedMutex } from '../../application/keyed-mutex.js';
import { type Leases, ownLeases } from '../../application/ports/registry/leases.js';
import { noRatesElsewhere, type RatesElsewhere } from '../../application/ports/registry/rates-elsewhere.js';
import { AppError } from '../../domain/errors.js';
import { replaceFile } from '../files/durable-file.js';
import { finishInterruptedWrite, replaceContent, wholeContent } from '../files/replace-content.js';
import { diskError } from '../files/storage-errors.js';
import type { SharedPlacements } from '../storage/placement/data-folder-context.js';
import { isObject } from '../validation/check-settings.js';
import { type Edit, editJson } from './json/json-editor.js';
import { jsonProblem, parseJson } from './json/json-text.js';

const BOM = Buffer.from('\uFEFF');

/** `config.json` on disk. People edit it too, so each change reads it again and replaces only its own members. */
export class ConfigFile {
  readonly #mutex = new KeyedMutex();

  /** The path is absolute. */
  constructor(readonly path: string) {}

  /** The parsed file; undefined if there is none. Rejects with `invalid`, naming line and column, or `unavailable`. */
  async read(): Promise<unknown> {
    const { text, problem } = await this.#load();
    if (text === undefined) return undefined;
    if (problem !== undefined) throw new AppError('invalid', `${this.path} is not valid JSON: ${problem}`);
    return parseJson(text);
  }

  /** The text of the file; undefined if there is none. Rejects with `unavailable`. */
  async text(): Promise<string | undefined> {
    return (await this.#load()).text;
  }

  /**
   * Writes the first configuration, and its folder if needed; `ready` runs when nothing but the name is missing. If
   * anything fails, `ready` too, no configuration is left. Rejects with `unavailable` if the path exists.
   */
  async create(config: object, ready: () => Promise<void>): Promise<void> {
    try {
      const stats = await lstat(this.path).catch(() => undefined);
      if (stats !== undefined) throw new Error('there is one already');
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    } catch (error) {
      throw diskError(error, `cannot write ${this.path}`);
    }
    try {
      await replaceFile(this.path, async (file) => {
        await file.writeFile(`${JSON.stringify(config, null, 2)}\n`);
        await ready();
      });
    } catch (error) {
      await rm(this.path, { force: true });
      throw diskError(error, `cannot write ${this.path}`);
    }
  }

  /** Finishes a change that a crash interrupted. Call it only while this process holds the data folder. */
  async recover(): Promise<void> {
    try {
      await finishInterruptedWrite(await realpath(this.path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(error, `cannot write ${this.path}`);
    }
  }

  /** Calls `use` with the content of the file while no change is made. Rejects like `read`, or if the file is gone. */
  async reread<T>(use: (config: unknown) => Promise<T>): Promise<T> {
    return this.#mutex.run(['change'], async () => {
      const config = await this.read();
      if (config === undefined) throw new AppError('invalid', `${this.path} is gone`);
      return use(config);
    });
  }

  /**
   * Makes the edits that `plan` returns for the current content of the file. `done` runs after they are on disk and
   * before the next change begins. Rejects with `unavailable` or `insufficient_storage`, or with what `plan` throws;
   * nothing is changed then.
   */
  async change(plan: (config: unknown) => Awaitable<readonly Edit[]>, done: () => void): Promise<void> {
    await this.#mutex.run(['change'], async () => {
      await this.recover();
      const {
        text = '',
        bom,
        problem,
      } = await this.#load().catch((error: unknown) => {
        throw error instanceof AppError && error.code === 'invalid' ? this.#unusable('it is no file', error) : error;
      });
      if (problem !== undefined) throw this.#unusable(problem);
      const edits = await plan(parseJson(text));
      if (edits.length > 0) await this.#write(bom + text, bom + this.#edited(text, edits));
      done();
    });
  }

  /** Ends the use of what the configuration is read from. */
  async close(): Promise<void> {}

  /** Where several servers note the places of data, if the configuration is theirs together. */
  readonly shared: SharedPlacements | undefined = undefined;

  /** The name of this server, once it is known; undefined if it has none. */
  nodeId: string | undefined;

  /** Which of several servers does what only one does. */
  readonly leases: Leases = ownLeases;
  readonly rates: RatesElsewhere = noRatesElsewhere;

  /** Call it once the data folder is this server's. Rejects if it is not the configuration's. */
  async claimFolder(): Promise<void> {}

  /** Throws `unavailable` if others may have changed what was read, and this server does not know. */
  requireCurrent(): void {}

  #edited(text: string, edits: readonly Edit[]): string {
    try {
      const edited = editJson(text, edits);
      parseJson(edited);
      return edited;
    } catch (error) {
      throw this.#unusable((error as Error).message, error);
    }
  }

  async #write(before: string, after: string): Promise<void> {
    try {
      await replaceContent(await realpath(this.path), before, after);
    } catch (error) {
      throw diskError(error, `cannot write ${this.path}`);
    }
  }

  async #load(): Promise<{ text?: string; bom: string; problem?: string | undefined }> {
    let bytes: Buffer;
    try {
      await this.#requireFile();
      bytes = await wholeContent(await realpath(this.path), await readFile(this.path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { bom: '', problem: 'the file is gone' };
      throw diskError(error, `cannot read ${this.path}`);
    }
    const bom = bytes.subarray(0, 3).equals(BOM) ? '\uFEFF' : '';
    const text = bytes.toString('utf8', bom === '' ? 0 : 3);
    return { text, bom, problem: isUtf8(bytes) ? jsonProblem(text) : 'it is not UTF-8' };
  }

  /** A pipe or a device would be used up by the first read, and cannot be changed. */
  async #requireFile(): Promise<void> {
    const found = await stat(this.path);
    if (found.isFile()) return;
    const what = found.isDirectory() ? 'is a folder' : 'is no regular file';
    throw new AppError('invalid', `${this.path} ${what}: name the file of the configuration with --config`);
  }

  #unusable(problem: string, cause?: unknown): AppError {
    const message = `${this.path} cannot be changed: ${problem}. Nothing was changed; correct the file and repeat.`;
    return new AppError('unavailable', message, { cause, isPermanent: true });
  }
}

/** The value at a path of a parsed configuration; undefined if there is none. */
export function valueAt(config: unknown, path: readonly (string | number)[]): unknown {
  let value: unknown = config;
  for (const name of path) {
    // Own members only: a name such as `constructor` must not find what objects inherit.
    const members = isObject(value) || Array.isArray(value) ? Object.entries(value) : [];
    value = members.find(([member]) => member === String(name))?.[1];
  }
  return value;
}

/** The path of a project in a parsed configuration; undefined if the project is not in it. */
export function projectPath(config: unknown, id: string): readonly ['projects', number] | undefined {
  const projects = isObject(config) && Array.isArray(config.projects) ? config.projects : [];
  const index = projects.findIndex((project: unknown) => isObject(project) && project.id === id);
  return index < 0 ? undefined : ['projects', index];
}

/** Like `projectPath`; throws `unavailable` if the project was removed from the file by hand. `file` is its path. */
export function requireProjectPath(config: unknown, id: string, file: string): readonly ['projects', number] {
  const path = projectPath(config, id);
  if (path !== undefined) return path;
  const message = `${file}: project '${id}' was removed by hand and cannot be changed; put it back or restart`;
  throw new AppError('unavailable', message, { isPermanent: true });
}

/** The path of the settings that hold the primary key of a project, or of the system (undefined). */
export function authenticationPath(
  config: unknown,
  project: string | undefined,
): readonly (string | number)[] | undefined {
  if (project === undefined) return ['system', 'authentication'];
  const path = projectPath(config, project);
  return path === undefined ? undefined : [...path, 'authentication'];
}
