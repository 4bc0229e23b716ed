import { useState } from 'preact/hooks';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { CommandLine } from '../../components/empty-state.js';
import { ErrorBox } from '../../components/error-box.js';
import { reloadProjects } from '../../session/project-list.js';
import { systemApi } from '../../session/session.js';

interface UnclaimedProjectsProps {
  readonly ids: readonly string[];
  readonly onChange: () => void;
}

/** Data of projects that are not in the configuration: takes it over as a project. */
export function UnclaimedProjects({ ids, onChange }: UnclaimedProjectsProps) {
  const [running, setRunning] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<{ readonly id: string; readonly key: string }>();
  const adopt = async (id: string) => {
    setRunning(id);
    setError(undefined);
    try {
      const { new_api_key: key } = await adoptProject(id);
      setMade({ id, key: key ?? '' });
      void reloadProjects();
    } catch (cause) {
      setError(cause);
    }
    setRunning(undefined);
    onChange();
  };
  return (
    <>
      {ids.length > 0 && (
        <section class="unclaimed" aria-labelledby="unclaimed-title">
          <h2 id="unclaimed-title">Data without a project</h2>
          <p class="hint">It is in the data folder, and no project of the configuration has it. It is not served.</p>
          {error !== undefined && <ErrorBox error={error} />}
          <ul class="cures">
            {ids.map((id) => (
              <li key={id}>
                <code class="grow">{id}</code>
                <Button isBusy={running === id} isDisabled={running !== undefined} onClick={() => void adopt(id)}>
                  Take over as a project
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {/* It stays when the last one was taken over: the key is shown only now. */}
      {made !== undefined && (
        <Dialog title={`The key of ${made.id}`} onClose={() => setMade(undefined)}>
          <p>It is shown only now; keep it. It may do everything in the project.</p>
          <CommandLine text={made.key} />
        </Dialog>
      )}
    </>
  );
}

async function adoptProject(id: string): Promise<{ readonly new_api_key?: string | null }> {
  const params = { query: { existing: 'adopt' } } as const;
  return (await dataOf(systemApi().POST('/api/v1/projects', { params, body: { id } }))) ?? {};
}
