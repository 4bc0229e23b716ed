import type { Credential, SecondaryKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { ConfigFile } from './config-file.js';
import { projectPath, valueAt } from './config-paths.js';
import type { Edit } from './json-editor.js';
import { storedSecondaryKey } from './stored-project.js';

/** Most keys of one project beside the primary one. */
const MAX_KEYS = 1000;
/** How long an expired key is still listed, in ms; the next key that is made takes it out of the file. */
const KEEP_EXPIRED = 24 * 3600 * 1000;

/** The keys of projects beside their primary ones: `projects[i].api_keys` in the file, by project and id in memory. */
export class SecondaryKeys {
  readonly #byProject = new Map<string, Map<string, SecondaryKey>>();

  /** `byKeyId` is kept up to date; `revoked` is told of every key that stops being valid as it was. */
  constructor(
    private readonly file: ConfigFile,
    private readonly byKeyId: Map<string, Credential>,
    private readonly revoked: (key: SecondaryKey) => void,
  ) {}

  of(project: string): readonly SecondaryKey[] {
    return [...(this.#byProject.get(project)?.values() ?? [])];
  }

  /** Takes up what is on disk already. */
  hold(key: SecondaryKey): void {
    const keys = this.#byProject.get(key.project) ?? new Map<string, SecondaryKey>();
    this.#byProject.set(key.project, keys.set(key.keyId, key));
    this.byKeyId.set(key.keyId, key);
  }

  async add(key: SecondaryKey): Promise<void> {
    const { project, createdAt = 0 } = key;
    const expired = this.of(project).filter(({ expiresAt = Infinity }) => expiresAt < createdAt - KEEP_EXPIRED);
    await this.file.change(
      (config) => {
        if (this.of(project).length - expired.length >= MAX_KEYS) throw full(project);
        const list = listPath(config, project);
        const gone = expired.flatMap((one) => editOf(config, one, undefined)).reverse();
        return [...gone, { path: [...list, -1], value: storedSecondaryKey(key) }];
      },
      () => {
        for (const one of expired) this.#forget(one);
        this.hold(key);
      },
    );
  }

  /** Puts `next`, with the same id, in place of a key, or removes it. Rejects with `conflict` where it is another by now. */
  async replace(key: SecondaryKey, next: SecondaryKey | undefined): Promise<void> {
    await this.file.change(
      (config) => {
        const present = this.#byProject.get(key.project)?.get(key.keyId);
        if (present === undefined) throw gone(key);
        if (present !== key) throw new AppError('conflict', `API key '${key.keyId}' was changed meanwhile; try again`);
        return editOf(config, key, next);
      },
      () => {
        if (next === undefined) this.#forget(key);
        else this.hold(next);
        this.revoked(key);
      },
    );
  }

  /** Forgets the keys of a project that is gone from the disk. */
  drop(project: string): void {
    for (const key of this.of(project)) {
      this.#forget(key);
      this.revoked(key);
    }
    this.#byProject.delete(project);
  }

  #forget({ project, keyId }: SecondaryKey): void {
    this.#byProject.get(project)?.delete(keyId);
    this.byKeyId.delete(keyId);
  }
}

function listPath(config: unknown, project: string): readonly (string | number)[] {
  const path = projectPath(config, project);
  if (path !== undefined) return [...path, 'api_keys'];
  throw new AppError(
    'unavailable',
    `Project '${project}' was taken out of the configuration by hand; put it back or restart`,
  );
}

/** None where someone took the key out by hand: to remove it is done then, and to change it would bring it back. */
function editOf(config: unknown, key: SecondaryKey, next: SecondaryKey | undefined): Edit[] {
  const list = listPath(config, key.project);
  const stored = valueAt(config, list);
  const at = Array.isArray(stored) ? stored.findIndex((one) => valueAt(one, ['id']) === key.keyId) : -1;
  if (at >= 0) return [{ path: [...list, at], value: next && storedSecondaryKey(next) }];
  if (next === undefined) return [];
  throw gone(key);
}

function gone({ keyId, project }: SecondaryKey): AppError {
  return new AppError('not_found', `API key '${keyId}' not found in project '${project}'`);
}

function full(project: string): AppError {
  return new AppError('conflict', `Project '${project}' has ${MAX_KEYS} API keys already; delete some first`);
}
