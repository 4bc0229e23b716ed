import { toApiError } from '../../api/api-error.js';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { Checkbox, Field } from '../../components/field.js';
import { useDraft } from '../../forms/drafts.js';
import { FormDialog } from '../../forms/form-dialog.js';
import { type Problems, problemAt, problemsOf } from '../../forms/problems.js';
import { useAction } from '../../forms/use-action.js';
import { systemApi } from '../../session/session.js';
import { type EngineChoice, EnginePicker, optionsOf } from '../parts/engine-picker.js';

interface NewProject {
  readonly id: string;
  readonly choice: EngineChoice;
  readonly isEncrypted: boolean;
  readonly keyFile: string;
  readonly isTried: boolean;
}

const EMPTY: NewProject = {
  id: '',
  choice: { engine: 'json-file', options: {} },
  isEncrypted: false,
  keyFile: '',
  isTried: false,
};

type Existing = 'adopt' | 'move-aside';

export function CreateProjectDialog(props: {
  readonly onCreated: (project: string, secret: string | undefined) => void;
  readonly onClose: () => void;
}) {
  const { value, change, forget } = useDraft('create project', EMPTY);
  const create = useAction(async (existing?: Existing) => {
    const query = existing === undefined ? {} : { existing };
    const body = bodyOf(value);
    const data = await dataOf(systemApi().POST('/api/v1/projects', { params: { query }, body }));
    forget();
    props.onCreated(value.id, data?.new_api_key);
  });
  const problems: Problems = { ...problemsOf(create.error), ...(value.isTried ? problemsIn(value) : {}) };
  const files = create.error === undefined ? undefined : toApiError(create.error).details.existing;
  const submit = () => {
    change({ isTried: true });
    if (Object.keys(problemsIn(value)).length === 0) void create.run();
  };
  const close = () => {
    if (value.id === '') forget();
    props.onClose();
  };
  return (
    <FormDialog
      title="Create a project"
      action="Create"
      isBusy={create.isBusy}
      error={create.error}
      remedy={
        files !== undefined && (
          <>
            <p>The data folder has files of that name already: {files.join(', ')}</p>
            <div class="row wrap">
              <Button onClick={() => create.run('adopt')}>Take the data over</Button>
              <Button onClick={() => create.run('move-aside')}>Rename the files and begin empty</Button>
            </div>
          </>
        )
      }
      onSubmit={submit}
      onClose={close}
    >
      <Field
        label="Name"
        value={value.id}
        autofocus
        autocomplete="off"
        onInput={(id) => change({ id })}
        hint="1 to 64 of the characters A-Z, a-z, 0-9, “_” and “-”. It cannot be changed later."
        problem={problemAt(problems, 'id')}
      />
      <EnginePicker choice={value.choice} problems={problems} onChange={(choice) => change({ choice })} />
      <Checkbox
        label="Encrypt its values"
        isChecked={value.isEncrypted}
        onChange={(isEncrypted) => change({ isEncrypted })}
      />
      {value.isEncrypted && (
        <Field
          label="Key file on the server"
          placeholder="keys/weather.keys"
          value={value.keyFile}
          onInput={(keyFile) => change({ keyFile })}
          hint="Relative to the folder of the configuration; a line with 32 bytes in base64: openssl rand -base64 32"
          problem={problemAt(problems, 'storage.encryption')}
        />
      )}
    </FormDialog>
  );
}

function problemsIn({ id, isEncrypted, keyFile }: NewProject): Problems {
  return {
    ...(id === '' ? { id: 'a project needs a name' } : {}),
    ...(id === '' || /^[A-Za-z0-9_-]{1,64}$/.test(id) ? {} : { id: idProblem(id) }),
    ...(isEncrypted && keyFile === '' ? { 'storage.encryption': 'name the file with the keys' } : {}),
  };
}

function idProblem(id: string): string {
  if (id.length > 64) return `this has ${id.length} characters, 64 are allowed`;
  const wrong = /[^A-Za-z0-9_-]/u.exec(id)?.[0];
  return `“${wrong}” is not allowed; use A-Z, a-z, 0-9, “_” and “-”`;
}

function bodyOf({ id, choice, isEncrypted, keyFile }: NewProject) {
  const options = optionsOf(choice);
  return {
    id,
    storage: {
      engine: choice.engine,
      ...(Object.keys(options).length === 0 ? {} : { options }),
      ...(isEncrypted ? { encryption: { key_file: keyFile } } : {}),
    },
  };
}
