import type { components } from '#openapi';
import { dataOf } from '../../api/client.js';
import { Checkbox, Field } from '../../components/field.js';
import { secondsOf } from '../../formats/time.js';
import { useDraft } from '../../forms/drafts.js';
import { FormDialog } from '../../forms/form-dialog.js';
import { type Problems, problemAt, problemsOf } from '../../forms/problems.js';
import { SelectField } from '../../forms/select-field.js';
import { useAction } from '../../forms/use-action.js';
import { adminApi, type Scope } from '../../session/session.js';

const SCOPES: readonly (readonly [Scope, string])[] = [
  ['read', 'read values'],
  ['list', 'list keys'],
  ['write', 'write values'],
  ['delete', 'delete'],
  ['watch', 'watch changes'],
  ['admin', 'change settings and keys'],
];
const LIFETIMES = [
  { value: '', label: 'never' },
  { value: '1h', label: 'in an hour' },
  { value: '1d', label: 'in a day' },
  { value: '30d', label: 'in 30 days' },
  { value: '365d', label: 'in a year' },
  { value: 'other', label: 'after another time…' },
];

interface NewKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly prefix: string;
  readonly lifetime: string;
  readonly other: string;
  readonly isTried: boolean;
}

const EMPTY: NewKey = { name: '', scopes: ['read', 'list'], prefix: '', lifetime: '', other: '', isTried: false };

export function CreateKeyDialog(props: {
  readonly project: string;
  readonly onCreated: (key: components['schemas']['IssuedApiKey']) => void;
  readonly onClose: () => void;
}) {
  const { project, onCreated, onClose } = props;
  const { value, change, forget } = useDraft(`create key ${project}`, EMPTY);
  const create = useAction(async () => {
    const params = { path: { project } };
    const key = await dataOf(
      adminApi(project).POST('/api/v1/projects/{project}/api-keys', { params, body: bodyOf(value) }),
    );
    forget();
    onCreated(key);
  });
  const problems: Problems = { ...problemsOf(create.error), ...(value.isTried ? problemsIn(value) : {}) };
  const submit = () => {
    change({ isTried: true });
    if (Object.keys(problemsIn(value)).length === 0) void create.run();
  };
  const toggle = (scope: Scope, isOn: boolean) =>
    change({ scopes: SCOPES.map(([one]) => one).filter((one) => (one === scope ? isOn : value.scopes.includes(one))) });
  return (
    <FormDialog
      title="Create a key"
      action="Create"
      isBusy={create.isBusy}
      error={create.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label="Name"
        value={value.name}
        autofocus
        autocomplete="off"
        placeholder="greenhouse"
        onInput={(name) => change({ name })}
        hint="Who or what will use it."
        problem={problemAt(problems, 'name')}
      />
      <fieldset class="choices">
        <legend class="legend">It may</legend>
        {SCOPES.map(([scope, text]) => (
          <Checkbox
            key={scope}
            label={
              <>
                {text} <span class="hint">{scope}</span>
              </>
            }
            isChecked={value.scopes.includes(scope)}
            onChange={(isOn) => toggle(scope, isOn)}
          />
        ))}
        {problemAt(problems, 'scopes') !== undefined && <p class="problem">{problemAt(problems, 'scopes')}</p>}
      </fieldset>
      <Field
        label="Only keys that begin with"
        value={value.prefix}
        placeholder="iot/7/"
        onInput={(prefix) => change({ prefix })}
        hint="All keys if this is empty."
        problem={problemAt(problems, 'prefix')}
      />
      <SelectField
        label="It expires"
        value={value.lifetime}
        choices={LIFETIMES}
        onChange={(lifetime) => change({ lifetime })}
      />
      {value.lifetime === 'other' && (
        <Field
          label="Time until it expires"
          value={value.other}
          placeholder="90 days"
          onInput={(other) => change({ other })}
          hint="A number and minutes, hours, days or weeks."
          problem={problemAt(problems, 'expires_in')}
        />
      )}
      {value.lifetime !== 'other' && problemAt(problems, 'expires_in') !== undefined && (
        <p class="problem">{problemAt(problems, 'expires_in')}</p>
      )}
    </FormDialog>
  );
}

function lifetimeOf({ lifetime, other }: NewKey): number | undefined {
  return secondsOf(lifetime === 'other' ? other : lifetime);
}

function problemsIn(value: NewKey): Problems {
  return {
    ...(value.name.trim() === '' ? { name: 'a key needs a name' } : {}),
    ...(value.scopes.length === 0 ? { scopes: 'choose at least one' } : {}),
    ...(value.lifetime === 'other' && lifetimeOf(value) === undefined
      ? { expires_in: 'use a number and a unit, such as 90 days' }
      : {}),
  };
}

function bodyOf(value: NewKey) {
  const { name, scopes, prefix } = value;
  const seconds = value.lifetime === '' ? undefined : lifetimeOf(value);
  return {
    name,
    scopes: [...scopes],
    ...(prefix === '' ? {} : { prefix }),
    ...(seconds === undefined ? {} : { expires_in: seconds }),
  };
}
