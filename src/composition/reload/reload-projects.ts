import { isDeepStrictEqual } from 'node:util';
import { KeyedMutex } from '../../application/keyed-mutex.js';
import type { KeyspaceRegistry } from '../../application/lifecycle/keyspace-registry.js';
import { openInTurn } from '../../application/lifecycle/open-in-turn.js';
import type { Migrations } from '../../application/migrations/migrations.js';
import type { Logger } from '../../application/ports/logger.js';
import { OtherServerError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';

/** What a file that was read again makes of the projects. */
export interface ReloadedProjects {
  /** Every project with the settings that take effect now. */
  readonly projects: readonly Project[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Paths of settings that need a restart, since the data has to move. */
  readonly restart: readonly string[];
}

/**
 * Compares the projects. One whose data would have to move keeps its storage until the next start; without `keyspaces`
 * none does, because another server moves it.
 */
export async function compareProjects(
  before: readonly Project[],
  after: readonly Project[],
  keyspaces: KeyspaceRegistry | undefined,
): Promise<ReloadedProjects> {
  const known = new Map(before.map((project) => [project.id, project]));
  const ids = new Set(after.map(({ id }) => id));
  const restart: string[] = [];
  const projects: Project[] = [];
  for (const project of after) {
    const old = known.get(project.id);
    const stays = old === undefined || keyspaces === undefined || !(await requiresMove(old, project, keyspaces));
    if (!stays) restart.push(`storage of project '${project.id}'`);
    projects.push(stays ? project : { ...project, storage: placeOf(old, project) });
  }
  return {
    projects,
    added: projects.filter(({ id }) => !known.has(id)).map(({ id }) => id),
    changed: projects.filter((it) => known.has(it.id) && !isDeepStrictEqual(known.get(it.id), it)).map(({ id }) => id),
    removed: [...known.keys()].filter((id) => !ids.has(id)),
    restart,
  };
}

/** What projects are opened, adjusted and closed with. */
export interface ProjectTasks {
  readonly keyspaces: KeyspaceRegistry;
  readonly migrations: Migrations;
  readonly log: Logger;
  /** Runs after a project was closed that is gone. */
  readonly removed?: ((project: string) => Promise<void>) | undefined;
}

/** Opens, adjusts and closes projects as the configuration says that was read again, each in its own turn. */
export class AppliedProjects {
  readonly #turns = new KeyedMutex();

  constructor(private readonly tasks: ProjectTasks) {}

  /** A failure is logged; neither that nor a store that does not answer keeps the other projects waiting. */
  async apply({ projects, added, changed, removed }: ReloadedProjects, applyToAll: boolean): Promise<void> {
    const { keyspaces, migrations } = this.tasks;
    const closing = removed.map((id) =>
      this.#attempt(id, async () => {
        await migrations.cancel(id);
        await keyspaces.release(id);
        await this.tasks.removed?.(id);
      }),
    );
    const [isNew, isChanged] = [new Set(added), new Set(changed)];
    const adjusted = projects.filter(({ id }) => !isNew.has(id) && (applyToAll || isChanged.has(id)));
    const adjusting = adjusted.map((project) =>
      this.#attempt(project.id, async () => keyspaces.applySettings(project)),
    );
    const opening = openInTurn(added, (id) => this.#attempt(id, async () => keyspaces.of(id)));
    await Promise.all([...closing, ...adjusting, opening]);
  }

  #attempt(project: string, task: () => Promise<unknown>): Promise<void> {
    return this.#turns.run([project], async () => {
      try {
        await task();
      } catch (error) {
        if (!(error instanceof OtherServerError)) this.tasks.log.error({ project }, (error as Error).message);
      }
    });
  }
}

async function requiresMove(before: Project, after: Project, keyspaces: KeyspaceRegistry): Promise<boolean> {
  if (isDeepStrictEqual(specOf(before), specOf(after))) return false;
  try {
    return await (await keyspaces.of(after.id)).staging.requiresMigration(after);
  } catch {
    return true; // It is known when the project can be opened.
  }
}

function specOf({ storage: { engine, options, encryption } }: Project): object {
  return { engine, options, encryption };
}

/** The storage settings of `after` that do not say where and how the data is kept, with those of `before` that do. */
function placeOf(before: Project, after: Project): Project['storage'] {
  const { snapshots, keep_old_for } = after.storage;
  const { snapshots: _, keep_old_for: __, ...place } = before.storage;
  return {
    ...place,
    ...(snapshots === undefined ? {} : { snapshots }),
    ...(keep_old_for === undefined ? {} : { keep_old_for }),
  };
}
