import { useMemo } from 'preact/hooks';
import { Field } from '../components/field.js';
import { secondsOf } from '../formats/time.js';
import { draftOf, keepDraft, useDraft } from '../forms/drafts.js';
import { projectKeys } from '../session/session.js';
import { draftName, type EntryDraft } from './drafts.js';
import { EditForm } from './edit-form.js';
import { keyProblem } from './value-checks.js';

interface NewEntryProps {
  readonly project: string;
  readonly prefix: string;
  readonly onSaved: (key: string) => void;
  readonly onCancel: () => void;
}

const EMPTY: EntryDraft = { text: '', contentType: 'application/json', base: undefined };

export function NewEntry({ project, prefix, onSaved, onCancel }: NewEntryProps) {
  const name = draftName(project);
  const fields = useDraft(`${name}: key`, { key: prefix, expiry: '' });
  const { key, expiry } = fields.value;
  const draft = useMemo(() => draftOf<EntryDraft>(name) ?? EMPTY, [name]);
  const forget = () => {
    fields.forget();
    keepDraft(name, undefined);
  };
  const confinedTo = projectKeys.value.get(project)?.caller.prefix ?? null;
  const seconds = expiry === '' ? undefined : secondsOf(expiry);
  const isWrong = expiry !== '' && seconds === undefined;
  return (
    <section class="new-entry" aria-label="New key">
      <h2>New key</h2>
      <div class="two-fields">
        <Field label="Key" value={key} onInput={(key) => fields.change({ key })} autofocus placeholder="users/ada" />
        <Field
          label="Expires after"
          value={expiry}
          onInput={(expiry) => fields.change({ expiry })}
          placeholder="never"
          problem={isWrong ? 'Write a time such as 90 s, 15 min, 2 h or 7 d.' : undefined}
        />
      </div>
      <EditForm
        project={project}
        entryKey={key}
        draft={draft}
        draftName={name}
        toStored={(text) => text}
        ttl={() => seconds}
        keyProblem={(limits) => (isWrong ? 'The expiry is not a time.' : keyProblem(key, limits, confinedTo))}
        onSaved={(saved) => {
          forget();
          onSaved(saved);
        }}
        onCancel={() => {
          forget();
          onCancel();
        }}
      />
    </section>
  );
}
