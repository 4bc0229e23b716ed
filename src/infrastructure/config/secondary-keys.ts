import { isDeepStrictEqual } from 'node:util';
import type { Credential, SecondaryKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { type ConfigFile, requireProjectPath, valueAt } from './config-file.js';
import { type Edit, editsTo } from './json/json-editor.js';
import { storedSecondaryKey } from './stored-project.js';

/** Most secondary keys of one project. */
const MAX_KEYS = 1000;
/** How long an expired key is still listed, in ms. After that, adding a key removes it from the file. */
const KEEP_EXPIRED = 24 * 3600 * 1000;

/** The secondary keys of projects: `projects[i].api_keys` in the file, by project and id in memory. */
export class SecondaryKeys {
  readonly #byProject = new Map<string, Map<string, SecondaryKey>>();

  /** Keeps `byKeyId` up to date, and calls `revoked` with every key that is replaced or removed. */
  constructor(
    private readonly file: ConfigFile,
    private readonly byKeyId: Map<string, Credential>,
    private readonly revoked: (key: SecondaryKey) => void,
  ) {}

  of(project: string): readonly SecondaryKey[] {
    return [...(this.#byProject.get(project)?.values() ?? [])];
  }

  /** Adds a key that is on disk already. */
  register(key: SecondaryKey): void {
    const keys = this.#byProject.get(key.project) ?? new Map<string, SecondaryKey>();
    this.#byProject.set(key.project, keys.set(key.keyId, key));
    this.byKeyId.set(key.keyId, key);
  }

  async add(key: SecondaryKey): Promise<void> {
    const { project, createdAt = 0 } = key;
    const expired = this.of(project).filter(({ expiresAt = Infinity }) => expiresAt < createdAt - KEEP_EXPIRED);
    await this.file.change(
      (config) => {
        if (this.of(project).length - expired.length >= MAX_KEYS) throw tooManyKeys(project);
        const list = this.#listPath(config, project);
        // From the last to the first, since removing one moves those after it.
        const removals = expired.flatMap((old) => this.#editsFor(config, old, undefined)).reverse();
        return [...removals, { path: [...list, -1], value: storedSecondaryKey(key) }];
      },
      () => {
        for (const old of expired) this.#delete(old);
        this.register(key);
      },
    );
  }

  /** Replaces a key with `next`, which has the same id, or removes it. Rejects with `conflict` if it has changed. */
  async replace(key: SecondaryKey, next: SecondaryKey | undefined): Promise<void> {
    await this.file.change(
      (config) => {
        const current = this.#byProject.get(key.project)?.get(key.keyId);
        if (current === undefined) throw apiKeyNotFound(key);
        if (current !== key) throw new AppError('conflict', `API key '${key.keyId}' was changed meanwhile; try again`);
        return this.#editsFor(config, key, next);
      },
      () => {
        if (next === undefined) this.#delete(key);
        else this.register(next);
        this.revoked(key);
      },
    );
  }

  /** Replaces all keys by those of a file that was read again; returns those that were removed or changed. */
  reload(keys: readonly SecondaryKey[]): readonly SecondaryKey[] {
    const next = new Map(keys.map((key) => [key.keyId, key]));
    const isSame = (key: SecondaryKey) => {
      const other = next.get(key.keyId);
      return other?.project === key.project && isDeepStrictEqual(storedSecondaryKey(other), storedSecondaryKey(key));
    };
    const all = [...this.#byProject.values()].flatMap((ofProject) => [...ofProject.values()]);
    const revoked = all.filter((key) => !isSame(key));
    for (const key of revoked) this.#delete(key);
    for (const key of keys) if (this.#byProject.get(key.project)?.get(key.keyId) === undefined) this.register(key);
    return revoked;
  }

  /** Removes the keys of a project that is no longer on disk. */
  unregister(project: string): void {
    for (const key of this.of(project)) {
      this.#delete(key);
      this.revoked(key);
    }
    this.#byProject.delete(project);
  }

  #delete({ project, keyId }: SecondaryKey): void {
    this.#byProject.get(project)?.delete(keyId);
    this.byKeyId.delete(keyId);
  }

  #listPath(config: unknown, project: string): readonly (string | number)[] {
    return [...requireProjectPath(config, project, this.file.path), 'api_keys'];
  }

  /** If the key was removed by hand, removing it needs no edit; replacing it would bring it back, so that throws. */
  #editsFor(config: unknown, key: SecondaryKey, next: SecondaryKey | undefined): Edit[] {
    const list = this.#listPath(config, key.project);
    const stored = valueAt(config, list);
    const index = Array.isArray(stored) ? stored.findIndex((item) => valueAt(item, ['id']) === key.keyId) : -1;
    if (index >= 0) return editsTo([...list, index], valueAt(stored, [index]), next && storedSecondaryKey(next));
    if (next === undefined) return [];
    throw apiKeyNotFound(key);
  }
}

function apiKeyNotFound({ keyId, project }: SecondaryKey): AppError {
  return new AppError('not_found', `API key '${keyId}' not found in project '${project}'`);
}

function tooManyKeys(project: string): AppError {
  return new AppError('conflict', `Project '${project}' has ${MAX_KEYS} API keys already; delete some first`);
}
