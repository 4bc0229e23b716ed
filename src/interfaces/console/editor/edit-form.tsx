import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import { type ApiError, toApiError } from '../api/api-error.js';
import { CodeEditor } from '../code/code-editor.js';
import { Button } from '../components/button.js';
import { Icon } from '../components/icon.js';
import { keepDraft } from '../forms/drafts.js';
import { Failure } from '../forms/failure.js';
import { putEntry } from '../operations/write-entry.js';
import { ConflictDialog } from './conflict-dialog.js';
import type { EntryDraft } from './drafts.js';
import { limitsOf } from './project-limits.js';
import { type Check, checksOf, diagnosticsOf, type Limits } from './value-checks.js';

const TYPES = ['application/json', 'text/plain; charset=utf-8', 'text/markdown', 'text/html', 'application/yaml'];

interface EditFormProps {
  readonly project: string;
  readonly entryKey: string;
  readonly draft: EntryDraft;
  /** Under which it is kept while it is not saved. */
  readonly draftName: string;
  /** How the text that is edited becomes what is stored. */
  readonly toStored: (text: string) => string;
  readonly onSaved: (key: string, version: string) => void;
  readonly onCancel: () => void;
  /** What is wrong with the key of a new entry. */
  readonly keyProblem?: ((limits: Limits) => string | undefined) | undefined;
  readonly ttl?: () => number | undefined;
}

/** The editor of a value, with the checks of the project while one types. */
export function EditForm(props: EditFormProps) {
  const { project, entryKey: key, draft, draftName: name, toStored, keyProblem } = props;
  const [limits, setLimits] = useState<Limits>();
  const [text, setText] = useState(draft.text);
  const [contentType, setContentType] = useState(draft.contentType);
  const [error, setError] = useState<ApiError>();
  const [hasConflict, setConflict] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const stored = toStored(text);
  const checks = useMemo(() => checksOf(stored, contentType, limits ?? {}), [stored, contentType, limits]);
  const problem = limits === undefined ? undefined : keyProblem?.(limits);
  const isOk = problem === undefined && checks.every(({ isMet, isHint }) => isMet || isHint);
  const isJson = /json/.test(contentType);
  const isUntouched = draft.base === undefined && text === '';

  useEffect(() => {
    void limitsOf(project).then(setLimits);
  }, [project]);
  useEffect(() => {
    const isChanged = text !== draft.text || contentType !== draft.contentType || draft.base === undefined;
    if (isChanged && text !== '') keepDraft(name, { ...draft, text, contentType });
  }, [text, contentType, draft, name]);

  const save = async () => {
    if (!isOk || isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      const expected = draft.base?.version ?? 'absent';
      const bytes = new TextEncoder().encode(stored);
      const version = await putEntry(project, key, bytes, { contentType, expected, ttl: props.ttl?.() });
      keepDraft(name, undefined);
      props.onSaved(key, version);
    } catch (thrown) {
      const failure = toApiError(thrown);
      if (failure.status === 412 && draft.base !== undefined) setConflict(true);
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="edit-form">
      <TypeField value={contentType} onInput={setContentType} />
      <div class="value-body">
        <CodeEditor
          key={isJson ? 'json' : 'text'}
          text={text}
          language={isJson ? 'json' : 'text'}
          label="Value to store"
          hasFocus={draft.base !== undefined}
          onChange={setText}
          onSave={() => void save()}
          {...(isJson ? { check: async (now: string) => (now === '' ? [] : diagnosticsOf(now)) } : {})}
        />
      </div>
      <Checks
        checks={isUntouched ? [] : problem === undefined ? checks : [{ isMet: false, text: problem }, ...checks]}
      />
      <Failure error={error} isForm>
        {error !== undefined && adviceFor(error)}
      </Failure>
      <div class="row wrap">
        <Button kind="primary" isDisabled={!isOk} isBusy={isBusy} shortcut="Control+S" onClick={() => void save()}>
          Save
        </Button>
        <Button
          onClick={() => {
            keepDraft(name, undefined);
            props.onCancel();
          }}
        >
          {draft.base === undefined ? 'Cancel' : 'Discard changes'}
        </Button>
      </div>
      {hasConflict && draft.base !== undefined && (
        <ConflictDialog
          project={project}
          entryKey={key}
          contentType={contentType}
          base={draft.base.text}
          mine={stored}
          onClose={() => setConflict(false)}
          onDone={(version) => {
            keepDraft(name, undefined);
            props.onSaved(key, version);
          }}
        />
      )}
    </div>
  );
}

function TypeField({ value, onInput }: { readonly value: string; readonly onInput: (value: string) => void }) {
  const id = useId();
  return (
    <div class="field type-field">
      <label for={id}>Type</label>
      <input
        id={id}
        type="text"
        list={`${id}-types`}
        value={value}
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <datalist id={`${id}-types`}>
        {TYPES.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
    </div>
  );
}

function Checks({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ul class="checks" aria-live="polite" aria-label="Checks">
      {checks.map(({ text, isMet, isHint }) => (
        <li key={text} class={isMet ? 'met' : isHint ? 'hinted' : 'failed'}>
          <Icon name={isMet ? 'check' : 'alert'} />
          {text}
        </li>
      ))}
    </ul>
  );
}

/** What to do about an error that means another thing here than in a form of settings. */
function adviceFor({ status }: ApiError) {
  if (status === 412) return <p>There is an entry with this key already. Choose another key.</p>;
  if (status === 404) return <p>The entry or its project was deleted meanwhile.</p>;
  return null;
}
