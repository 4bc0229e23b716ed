import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { CommandLine } from '../../components/empty-state.js';
import { ErrorBox } from '../../components/error-box.js';
import { notify } from '../../components/notices.js';
import { plural } from '../../formats/quantity.js';
import { relativeTime } from '../../formats/time.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { may } from '../../session/session.js';
import { beginEmpty, restore, rollBack, useRemedies } from './remedies.js';

/** The ways to bring a project back, best first. */
export function Cures({ project, onChange }: { readonly project: string; readonly onChange: () => Promise<void> }) {
  const remedies = useRemedies(project);
  const [running, setRunning] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [isEmptying, setEmptying] = useState(false);
  const run = async (name: string, cure: () => Promise<string>) => {
    setRunning(name);
    setError(undefined);
    try {
      const done = await cure();
      await onChange();
      notify(done);
    } catch (cause) {
      setError(cause);
      await onChange();
    }
    setRunning(undefined);
  };
  const button = (name: string, cure: () => Promise<string>, kind: 'primary' | 'plain' = 'plain') => (
    <Button
      kind={kind}
      isBusy={running === name}
      isDisabled={running !== undefined}
      onClick={() => void run(name, cure)}
    >
      {running === name ? 'Working…' : name}
    </Button>
  );
  const { snapshot, migration } = remedies ?? {};
  return (
    <>
      {error !== undefined && <ErrorBox error={error} />}
      <ul class="cures">
        {snapshot !== undefined && (
          <Cure action={button('Restore the snapshot', () => restore(project, snapshot.id), 'primary')}>
            The latest snapshot is from {relativeTime(snapshot.created_at)}
            {snapshot.count !== null && <> and has {plural(snapshot.count, 'entry', 'entries')}</>}. What was written
            since is lost.
          </Cure>
        )}
        {migration !== undefined && (
          <Cure action={button(`Go back to ${migration.from}`, () => rollBack(project, migration.id))}>
            The data that the engine {migration.from} had before the move to {migration.to} may still be kept. What was
            written since is given up.
          </Cure>
        )}
        <Cure action={button('Look again', async () => `Looked at ${project} again.`)}>
          If files were moved, a disk was not mounted, or a key of encryption is missing: put it back as it was. The
          project is opened again within seconds.
        </Cure>
        <Cure>
          Keep what can still be read of the damaged files, while the server is stopped:
          <CommandLine text={`portkv doctor ${project} --repair`} />
        </Cure>
        <Cure>
          Bring back an export, or a snapshot that was copied to another place:
          <CommandLine text={`portkv import ${project} backup.ndjson --mode replace`} />
        </Cure>
        <Cure
          action={
            may(project, 'delete') && (
              <Button kind="danger" isDisabled={running !== undefined} onClick={() => setEmptying(true)}>
                Begin empty
              </Button>
            )
          }
        >
          {may(project, 'delete')
            ? 'Begin with an empty project. Its settings and keys stay; the damaged files are put aside.'
            : 'To begin with an empty project, add a key of it that may delete to this session.'}
        </Cure>
      </ul>
      {isEmptying && (
        <ConfirmDialog
          title={`Begin ${project} empty`}
          action="Begin empty"
          project={project}
          onClose={() => setEmptying(false)}
          onConfirm={async () => void run('Begin empty', () => beginEmpty(project))}
        >
          <p>
            The project is served again at once, without any entry. Its damaged files are put aside in the data folder.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Cure({ action, children }: { readonly action?: ComponentChildren; readonly children: ComponentChildren }) {
  return (
    <li>
      <div class="grow">{children}</div>
      {action}
    </li>
  );
}
