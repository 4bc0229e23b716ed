import { useMemo } from 'preact/hooks';
import { compactJson, isJson, layOutJson } from '../formats/json-layout.js';
import { draftOf } from '../forms/drafts.js';
import type { Entry } from '../operations/read-entry.js';
import { textOf } from '../values/value-kind.js';
import { draftName, type EntryDraft } from './drafts.js';
import { EditForm } from './edit-form.js';

interface EditEntryProps {
  readonly project: string;
  readonly entry: Entry;
  readonly onSaved: (key: string, version: string) => void;
  readonly onCancel: () => void;
}

/**
 * JSON that is stored without space is laid out while it is edited, and stored without space again. Any other text is
 * edited as it is.
 */
export function EditEntry({ project, entry, onSaved, onCancel }: EditEntryProps) {
  const text = textOf(entry) ?? '';
  const isCompact = useMemo(() => isJson(text) && text.length > 1 && compactJson(text) === text, [text]);
  const name = draftName(project, entry.key);
  const draft = useMemo<EntryDraft>(() => {
    const kept = draftOf<EntryDraft>(name);
    const fresh = { text: isCompact ? layOutJson(text) : text, contentType: entry.contentType };
    return kept ?? { ...fresh, base: { version: entry.version, text } };
  }, [name, entry, text, isCompact]);
  return (
    <EditForm
      key={`${entry.key}\0${entry.version}`}
      project={project}
      entryKey={entry.key}
      draft={draft}
      draftName={name}
      toStored={(edited) => (isCompact && isJson(edited) ? compactJson(edited) : edited)}
      onSaved={onSaved}
      onCancel={onCancel}
    />
  );
}
