import { useEffect, useState } from 'preact/hooks';
import { type ApiError, toApiError } from '../api/api-error.js';
import { Button } from '../components/button.js';
import { CopyButton } from '../components/copy-button.js';
import { EmptyState } from '../components/empty-state.js';
import { ErrorBox } from '../components/error-box.js';
import { draftName } from '../editor/drafts.js';
import { EditEntry } from '../editor/edit-entry.js';
import { visible } from '../formats/visible.js';
import { draftOf, keepDraft } from '../forms/drafts.js';
import { type Entry, isWhole, readEntry } from '../operations/read-entry.js';
import { apiRoot } from '../routing/addresses.js';
import { may } from '../session/session.js';
import { textOf } from '../values/value-kind.js';
import { ValueView } from '../values/value-view.js';
import { EntryActions } from './entry-actions.js';
import { EntryFacts } from './entry-facts.js';

interface EntryPaneProps {
  readonly project: string;
  readonly entryKey: string;
  readonly view: string | undefined;
  readonly isEditing: boolean;
  /** Changes if the entry was written by something beside this pane. */
  readonly revision: number;
  readonly onView: (view: string) => void;
  readonly onEdit: (isEditing: boolean) => void;
  readonly onClose: () => void;
  readonly onWritten: (entry: Entry) => void;
  readonly onOpen: (key: string) => void;
  readonly onGone: (key: string) => void;
  readonly onDelete: (key: string) => void;
}

/** One entry: what is known of it, its value, and what can be done with it. */
export function EntryPane(props: EntryPaneProps) {
  const { project, entryKey: key, isEditing, onWritten, revision } = props;
  const [entry, setEntry] = useState<Entry>();
  const [error, setError] = useState<ApiError>();
  const [reads, setReads] = useState(0);

  useEffect(() => {
    let isGone = false;
    setError(undefined);
    readEntry(project, key).then(
      (read) => !isGone && setEntry(read),
      (thrown) => !isGone && setError(toApiError(thrown)),
    );
    return () => {
      isGone = true;
    };
  }, [project, key, reads, revision]);

  const readAll = async () => {
    try {
      setEntry(await readEntry(project, key, true));
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  const refresh = async () => {
    const read = await readEntry(project, key).catch(() => undefined);
    if (read === undefined) return setReads(reads + 1);
    setEntry(read);
    onWritten(read);
  };
  const isShown = entry !== undefined && entry.key === key && error === undefined;
  const mayEdit = may(project, 'write') && isShown && isWhole(entry) && textOf(entry) !== undefined;
  const hasDraft = draftOf(draftName(project, key)) !== undefined;

  return (
    <article class="entry" aria-label={`Entry ${key}`}>
      <header>
        <Button icon="back" kind="quiet" label="Back to the list" onClick={props.onClose} />
        <h1 title={key}>{visible(key)}</h1>
        <CopyButton text={key} label="Copy the key" />
      </header>
      {error?.status === 404 && <NotThere project={project} entryKey={key} />}
      {error !== undefined && error.status !== 404 && (
        <ErrorBox error={error} onRetry={() => setReads(reads + 1)}>
          {error.code === 'insufficient_scope' && <p>Your key may not read values. Add another key to see this one.</p>}
        </ErrorBox>
      )}
      {isShown && (
        <>
          <EntryFacts entry={entry} />
          {isEditing && mayEdit ? (
            <EditEntry
              project={project}
              entry={entry}
              onCancel={() => {
                keepDraft(draftName(project, key), undefined);
                props.onEdit(false);
              }}
              onSaved={() => {
                props.onEdit(false);
                void refresh();
              }}
            />
          ) : (
            <>
              <EntryActions
                project={project}
                entry={entry}
                mayEdit={mayEdit}
                hasDraft={hasDraft}
                onEdit={() => props.onEdit(true)}
                onChanged={() => void refresh()}
                onOpen={props.onOpen}
                onGone={props.onGone}
                onDelete={() => props.onDelete(key)}
              />
              <ValueView entry={entry} view={props.view} onView={props.onView} onLoadAll={readAll} />
            </>
          )}
        </>
      )}
    </article>
  );
}

function NotThere({ project, entryKey }: { readonly project: string; readonly entryKey: string }) {
  const path = `${apiRoot}/api/v1/projects/${project}/values?key=${encodeURIComponent(entryKey)}`;
  return (
    <EmptyState
      icon="search"
      title="There is no such key"
      command={`curl -X PUT '${path}' -H "X-API-Key: $PROJECT_KEY" -d 'hello'`}
    >
      <p>It was never stored, was deleted, or has expired. This stores it:</p>
    </EmptyState>
  );
}
