import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { EmptyState } from '../components/empty-state.js';
import { notify } from '../components/notices.js';
import { KeyboardDialog } from '../dialogs/keyboard-dialog.js';
import { UploadDialog } from '../dialogs/upload-dialog.js';
import { NewEntry } from '../editor/new-entry.js';
import { plural } from '../formats/quantity.js';
import { GroupCounts } from '../keys/group-counts.js';
import { KeyTree } from '../keys/key-tree.js';
import { KeysPane } from '../keys/keys-pane.js';
import { KeysToolbar } from '../keys/keys-toolbar.js';
import { may, projectKeys } from '../session/session.js';
import { Deletions } from './deletions.js';
import { EntryPane } from './entry-pane.js';
import { useFollowedChanges } from './follow-changes.js';
import { OpenByName } from './open-by-name.js';
import { SelectionBar } from './selection-bar.js';
import { useShortcuts } from './shortcuts.js';
import { useViewState } from './view-state.js';

interface WorkspaceProps {
  readonly project: string;
  readonly separator: string;
  readonly mayList: boolean;
}

/** The list at one side, the entry that was chosen at the other; on a narrow screen one of them. */
export function Workspace({ project, separator, mayList }: WorkspaceProps) {
  const [state, change] = useViewState(project);
  const [reloads, setReloads] = useState(0);
  const [revision, setRevision] = useState(0);
  const [files, setFiles] = useState<readonly File[]>();
  const [hasHelp, setHelp] = useState(false);
  const [deletion, setDeletion] = useState<{ readonly names: readonly string[]; readonly isGroup: boolean }>();
  const active = useMemo(() => signal(-1), []);
  const selected = useMemo(() => signal<ReadonlySet<string>>(new Set()), []);
  const confinedTo = projectKeys.value.get(project)?.caller.prefix ?? '';
  const { prefix, isReversed, key, mode } = state;
  const tree = useMemo(
    () => new KeyTree({ project, prefix, separator, isReversed }),
    [project, prefix, separator, isReversed, reloads],
  );
  const counts = useMemo(() => new GroupCounts(), [project, reloads]);
  const blinking = useFollowedChanges(project, tree, counts, () => setReloads((count) => count + 1));
  const mayWrite = may(project, 'write');

  useEffect(() => {
    if (tree.length >= 0) active.value = -1;
  }, [tree, active]);

  const open = (name: string | undefined) => change({ key: name, mode: 'show', as: undefined });
  const remove = (names: readonly string[], isGroup = false) => {
    if (may(project, 'delete')) setDeletion({ names, isGroup });
  };
  useShortcuts({
    e: () => key !== undefined && mode === 'show' && mayWrite && change({ mode: 'edit' }),
    n: () => mayWrite && change({ mode: 'new', key: undefined }),
    '/': () => document.getElementById('key-search')?.focus(),
    '?': () => setHelp(true),
    Delete: () => {
      if (selected.value.size > 0) remove([...selected.value]);
      else if (key !== undefined) remove([key]);
    },
  });

  return (
    <main
      class={`workspace${key !== undefined || mode === 'new' ? ' has-entry' : ''}`}
      id="content"
      tabIndex={-1}
      onDragOver={(event) => mayWrite && event.preventDefault()}
      onDrop={(event) => {
        if (!mayWrite || !event.dataTransfer?.files.length) return;
        event.preventDefault();
        setFiles([...event.dataTransfer.files]);
      }}
    >
      <section class="keys" aria-label="Keys of the project">
        <h1 class="visually-hidden">{project}</h1>
        {mayList ? (
          <>
            <KeysToolbar
              prefix={prefix}
              separator={separator}
              isReversed={isReversed}
              mayWrite={mayWrite}
              onChange={(to) => change(to, to.prefix !== undefined)}
              onNew={() => change({ mode: 'new', key: undefined })}
              onUpload={setFiles}
            />
            <KeysPane
              key={`${prefix}\0${separator}${isReversed}${reloads}`}
              project={project}
              tree={tree}
              counts={counts}
              current={key}
              active={active}
              selected={selected}
              blinking={blinking}
              onOpen={open}
              onDelete={(name, isGroup) =>
                remove(!isGroup && selected.value.size > 0 ? [...selected.value] : [name], isGroup)
              }
              onReload={() => setReloads(reloads + 1)}
              onHelp={() => setHelp(true)}
            />
            <SelectionBar project={project} selected={selected} onDelete={() => remove([...selected.value])} />
          </>
        ) : (
          <OpenByName prefix={confinedTo} onOpen={open} />
        )}
      </section>
      <section class="entry-side" aria-label="Entry">
        {mode === 'new' ? (
          <NewEntry
            project={project}
            prefix={prefix || confinedTo}
            onCancel={() => change({ mode: 'show' })}
            onSaved={(made) => {
              notify(`Stored ${made}`);
              tree.put({ key: made });
              counts.forget(made);
              open(made);
            }}
          />
        ) : key === undefined ? (
          <EmptyState icon="key" title="Choose a key">
            <p>Its value and what is known of it are shown here. Press ? for the keyboard.</p>
          </EmptyState>
        ) : (
          <EntryPane
            project={project}
            entryKey={key}
            view={state.as}
            isEditing={mode === 'edit'}
            revision={revision}
            onView={(as) => change({ as }, true)}
            onEdit={(isEditing) => change({ mode: isEditing ? 'edit' : 'show' }, !isEditing)}
            onClose={() => open(undefined)}
            onOpen={(name) => {
              tree.put({ key: name });
              open(name);
            }}
            onGone={(name) => tree.remove(name)}
            onDelete={(name) => remove([name])}
            onWritten={(entry) =>
              tree.put({
                key: entry.key,
                content_type: entry.contentType,
                size_bytes: entry.sizeBytes,
                updated_at: entry.updatedAt,
              })
            }
          />
        )}
      </section>
      <Deletions
        project={project}
        deletion={deletion}
        onClose={() => setDeletion(undefined)}
        onDeleted={(names, isGroup) => {
          for (const name of names) {
            if (isGroup) tree.removeGroup(name);
            else tree.remove(name);
            counts.forget(name);
          }
          selected.value = new Set();
          if (key !== undefined && names.some((name) => (isGroup ? key.startsWith(name) : key === name)))
            open(undefined);
        }}
        onRestored={(items) => {
          for (const item of items) {
            tree.put(item);
            counts.forget(item.key);
          }
          setRevision(revision + 1);
        }}
      />
      {hasHelp && <KeyboardDialog onClose={() => setHelp(false)} />}
      {files !== undefined && (
        <UploadDialog
          project={project}
          files={files}
          prefix={prefix || confinedTo}
          onClose={() => setFiles(undefined)}
          onDone={(keys) => {
            setFiles(undefined);
            notify(`Stored ${plural(keys.length, 'file')}`);
            for (const made of keys) {
              tree.put({ key: made });
              counts.forget(made);
            }
            setRevision(revision + 1);
            if (keys.length === 1) open(keys[0]);
          }}
        />
      )}
    </main>
  );
}
