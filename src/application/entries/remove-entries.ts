import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError, DamagedDataError } from '../../domain/errors.js';
import { rules } from '../access/access-rules.js';
import { hasVisibleKeys, prefixFor, requireAccess, requireVisibleKeys, seesFiles } from '../access/authorize.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { headPages } from '../keyspace/paging.js';
import { afterDiscard, type ReplacedContent, replaceContent } from '../keyspace/replace-content.js';
import type { StagedStore } from '../keyspace/staged-store.js';
import { Projects } from '../ports/registry/projects.js';
import { inParts } from '../stores/in-parts.js';
import { ConditionRequiredError } from './conditions.js';

export interface RemoveRequest {
  /** Only keys with this prefix; if it is empty, all keys that the caller may touch. */
  readonly prefix?: string | undefined;
  /** Whether the entries are only counted. */
  readonly dryRun?: boolean | undefined;
}

export interface Removed {
  /** Whether the request was about all entries of the project. */
  readonly all: boolean;
  /** How many entries were removed, or would be; undefined if the project hides its keys, or its data was damaged. */
  readonly count: number | undefined;
  /**
   * The names, in the data folder, that damaged files got, which were put aside; none for callers without the scope
   * `admin`.
   */
  readonly kept: readonly string[];
}

/** Removes all entries of a project, or those with a prefix. */
@injectable()
export class RemoveEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Pick<Projects, 'get'>,
  ) {}

  /**
   * Removes all entries at one moment. Removes those with a prefix page by page, so that entries written meanwhile may
   * stay; also all entries, if there is no room for another store or one is staged already. Data that is damaged is
   * replaced by an empty store, or the request rejects.
   */
  async execute(caller: Identity, project: string, { prefix: asked, dryRun = false }: RemoveRequest): Promise<Removed> {
    requireAccess(caller, rules.removeWithin, project, { prefix: asked });
    if (dryRun) requireVisibleKeys(this.projects.get(project));
    const prefix = prefixFor(caller, 'delete', asked);
    const all = prefix === '';
    const task = async (keyspace: Keyspace): Promise<ReplacedContent> => {
      if (dryRun) return { before: await countOf(keyspace, prefix), kept: [] };
      if (keyspace.rules.requireConditional) throw new ConditionRequiredError(project, 'entries');
      return all ? removeAll(keyspace) : { before: await removePages(keyspace, prefix), kept: [] };
    };
    const replaces = all && !dryRun;
    const { before, kept } = await (replaces
      ? this.keyspaces.replace(project, task)
      : task(await this.keyspaces.of(project)));
    const count = hasVisibleKeys(this.projects.get(project)) ? before : undefined;
    return { all, count, kept: seesFiles(caller) ? kept : [] };
  }
}

async function removeAll(keyspace: Keyspace): Promise<ReplacedContent> {
  const staged = await stagedFor(keyspace);
  return staged === undefined ? { before: await removePages(keyspace, ''), kept: [] } : clear(keyspace, staged);
}

async function countOf(keyspace: Keyspace, prefix: string): Promise<number> {
  let count = 0;
  for await (const page of headPages(keyspace, { prefix })) count += page.length;
  return count;
}

async function removePages(keyspace: Keyspace, prefix: string): Promise<number> {
  let removed = 0;
  for await (const page of headPages(keyspace, { prefix })) {
    const keys = page.map((entry) => entry.key);
    const counts = await inParts(keys, (part) =>
      keyspace.write(part, (current) => {
        const remove = part.filter((_, i) => current[i] !== undefined);
        return { result: remove.length, remove };
      }),
    );
    for (const count of counts) removed += count;
  }
  return removed;
}

async function stagedFor({ staging }: Keyspace): Promise<StagedStore | undefined> {
  try {
    return await staging.stageReplacement();
  } catch (error) {
    if (error instanceof AppError && !(error instanceof DamagedDataError)) return undefined;
    throw error;
  }
}

async function clear(keyspace: Keyspace, staged: StagedStore): Promise<ReplacedContent> {
  try {
    return await replaceContent(keyspace, staged);
  } catch (error) {
    throw await afterDiscard(staged, error);
  }
}
