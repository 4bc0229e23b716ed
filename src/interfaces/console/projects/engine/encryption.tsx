import { useState } from 'preact/hooks';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { CommandLine } from '../../components/empty-state.js';
import { Field } from '../../components/field.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { useDraft } from '../../forms/drafts.js';
import { Failure } from '../../forms/failure.js';
import { problemAt, problemsOf } from '../../forms/problems.js';
import { SelectField } from '../../forms/select-field.js';
import { useAction } from '../../forms/use-action.js';
import { systemApi, systemKey } from '../../session/session.js';
import { Section } from '../parts/view-page.js';
import type { Migration, Project } from './migration.js';
import { changeStorage } from './start-move.js';

interface Props {
  readonly project: Project;
  readonly isMoving: boolean;
  readonly onStarted: (migration: Migration | undefined) => Promise<void>;
}

/** Whether the values are encrypted. The system key turns it on and off, and encrypts again with another key. */
export function Encryption(props: Props) {
  const { encryption } = props.project.storage;
  const isSystem = systemKey.value !== undefined;
  return (
    <Section title="Encryption" hint="Values and their metadata; keys, content types, times and sizes stay readable.">
      {encryption === undefined ? (
        <p>The values are not encrypted on the disk.</p>
      ) : (
        <p>
          The values are encrypted with the keys in{' '}
          <code>{encryption.key_file ?? `the variable ${encryption.key_env}`}</code>.
        </p>
      )}
      {!isSystem && <p class="hint">The system key can change this.</p>}
      {isSystem && (encryption === undefined ? <TurnOn {...props} /> : <Change {...props} />)}
    </Section>
  );
}

function TurnOn({ project, isMoving, onStarted }: Props) {
  const { value, change, forget } = useDraft(`encryption ${project.id}`, { kind: 'key_file', source: '' });
  const [isTried, setTried] = useState(false);
  const turnOn = useAction(async () => {
    setTried(true);
    if (value.source === '') return;
    const started = await changeStorage(project.id, { encryption: { [value.kind]: value.source } });
    await onStarted(started);
    forget();
  });
  const isFile = value.kind === 'key_file';
  const missing = isTried && value.source === '' ? `Name the ${isFile ? 'file' : 'variable'}.` : undefined;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void turnOn.run();
      }}
    >
      <div class="columns">
        <SelectField
          label="Keys are in"
          value={value.kind}
          choices={[
            { value: 'key_file', label: 'a file on the server' },
            { value: 'key_env', label: 'an environment variable of the server' },
          ]}
          onChange={(kind) => change({ kind })}
        />
        <Field
          label={isFile ? 'File' : 'Variable'}
          placeholder={isFile ? 'keys/weather.keys' : 'WEATHER_KEYS'}
          value={value.source}
          onInput={(source) => change({ source })}
          hint={isFile ? 'Relative to the folder of the configuration.' : 'Read at the start of the server.'}
          problem={missing ?? problemAt(problemsOf(turnOn.error), 'storage.encryption')}
        />
      </div>
      <p class="hint">
        A key is 32 bytes in base64. Keep a copy away from the data: without its keys the project is lost. This makes
        one, on the server:
      </p>
      <CommandLine text="(umask 077; mkdir -p keys; openssl rand -base64 32 > keys/weather.keys)" />
      <Failure error={turnOn.error} />
      <Button icon="lock" type="submit" isBusy={turnOn.isBusy} isDisabled={isMoving}>
        Encrypt the values
      </Button>
    </form>
  );
}

function Change({ project, isMoving, onStarted }: Props) {
  const [isAsked, setAsked] = useState(false);
  const rotate = useAction(async () => {
    const params = { path: { project: project.id } };
    await onStarted(await dataOf(systemApi().POST('/api/v1/projects/{project}/encryption/rotate', { params })));
  });
  return (
    <>
      <p class="hint">
        To change the key, put a new first line into the file, then encrypt again. Keep the old lines as long as there
        are snapshots from before.
      </p>
      <Failure error={rotate.error} />
      <div class="row wrap">
        <Button icon="refresh" isBusy={rotate.isBusy} isDisabled={isMoving} onClick={rotate.run}>
          Encrypt again with the first key
        </Button>
        <Button kind="danger" isDisabled={isMoving} onClick={() => setAsked(true)}>
          Remove the encryption
        </Button>
      </div>
      {isAsked && (
        <ConfirmDialog
          title="Remove the encryption?"
          action="Remove the encryption"
          project={project.id}
          onClose={() => setAsked(false)}
          onConfirm={async () => onStarted(await changeStorage(project.id, { encryption: null }))}
        >
          <p>All values are written to the disk in plain. Anybody who can read the data folder can then read them.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
