import { useEffect, useState } from 'preact/hooks';
import '../../styles/projects.css';
import { dataOf } from '../../api/client.js';
import { Failure } from '../../forms/failure.js';
import { useLoaded } from '../../forms/use-loaded.js';
import { adminApi } from '../../session/session.js';
import { AdminOnly, isAdmin } from '../parts/admin-only.js';
import { ViewPage } from '../parts/view-page.js';
import { ChangeEngine } from './change-engine.js';
import { Durability } from './durability.js';
import { Encryption } from './encryption.js';
import type { Migration } from './migration.js';
import { MigrationList } from './migration-list.js';
import { MigrationProgress } from './migration-progress.js';

/** How often a move is asked how far it is, in ms. */
const INTERVAL = 500;

/** The engine of a project, a move to another one while it runs, and the moves before. */
export function EngineView({ project }: { readonly project: string }) {
  return (
    <AdminOnly project={project} view="Engine">
      <ViewPage project={project} title="Engine">
        <Content project={project} />
      </ViewPage>
    </AdminOnly>
  );
}

function Content({ project }: { readonly project: string }) {
  const path = { project };
  const settings = useLoaded(
    () => dataOf(adminApi(project).GET('/api/v1/projects/{project}', { params: { path } })),
    [project],
  );
  const moves = useLoaded(
    () => dataOf(adminApi(project).GET('/api/v1/projects/{project}/migrations', { params: { path } })),
    [project],
  );
  /** The move that was started or seen running here; it stays on the page after its end. */
  const [shown, setShown] = useState<string | undefined>();
  const running = moves.value?.find(({ state }) => state === 'copying');
  const current = moves.value?.find(({ id }) => id === (running?.id ?? shown));
  useEffect(() => {
    if (running === undefined || !isAdmin(project)) return;
    setShown(running.id);
    const timer = setInterval(moves.reload, INTERVAL);
    return () => clearInterval(timer);
  }, [running?.id, project, moves.reload]);
  // The engine is another one after a move.
  useEffect(() => {
    if (moves.value !== undefined) void settings.reload();
  }, [running?.id, current?.state, current?.rolled_back]);
  const reload = async () => {
    await Promise.all([settings.reload(), moves.reload()]);
  };
  const started = async (migration: Migration | undefined) => {
    if (migration !== undefined) setShown(migration.id);
    await reload();
  };
  return (
    <>
      <Failure error={settings.error ?? moves.error} onRetry={reload} />
      {current !== undefined && settings.value !== undefined && (
        <MigrationProgress
          key={current.id}
          migration={current}
          isLast={current.id === moves.value?.at(-1)?.id}
          keepOldFor={settings.value.storage.keep_old_for}
          onChanged={reload}
        />
      )}
      {settings.value !== undefined && (
        <>
          <ChangeEngine project={settings.value} running={running} onStarted={started} />
          <Durability of={settings.value.durability} />
          <Encryption project={settings.value} isMoving={running !== undefined} onStarted={started} />
          <MigrationList
            project={settings.value}
            migrations={moves.value ?? []}
            shown={current?.id}
            onChanged={reload}
          />
        </>
      )}
      {settings.value === undefined && settings.error === undefined && <p class="hint">Loading…</p>}
    </>
  );
}
