import type { Signal } from '@preact/signals';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { toApiError } from '../api/api-error.js';
import { Button } from '../components/button.js';
import { EmptyState } from '../components/empty-state.js';
import { ErrorBox } from '../components/error-box.js';
import { notifyError } from '../components/notices.js';
import { plural } from '../formats/quantity.js';
import { apiRoot } from '../routing/addresses.js';
import type { GroupCounts } from './group-counts.js';
import { KeyList } from './key-list.js';
import { countKeys } from './key-source.js';
import type { KeyTree } from './key-tree.js';

interface KeysPaneProps {
  readonly project: string;
  readonly tree: KeyTree;
  readonly counts: GroupCounts;
  readonly current: string | undefined;
  readonly active: Signal<number>;
  readonly selected: Signal<ReadonlySet<string>>;
  readonly blinking?: Signal<ReadonlySet<string>> | undefined;
  readonly onOpen: (key: string) => void;
  readonly onDelete: (name: string, isGroup: boolean) => void;
  readonly onReload: () => void;
  readonly onHelp: () => void;
}

/** The list of keys, with how many there are, or what to do if there are none. */
export function KeysPane(props: KeysPaneProps) {
  const { project, tree } = props;
  const { root, query } = tree;
  const changes = tree.revision.value;

  useEffect(() => void root.load(), [root]);

  if (changes >= 0 && root.state === 'failed' && root.rows.length === 0) {
    return <ErrorBox error={root.error} onRetry={() => void root.load(true)} />;
  }
  if (root.rows.length === 0 && !root.hasMore) return <NoKeys project={project} prefix={query.prefix} />;
  return (
    <>
      <p class="count" role="status">
        <Total tree={tree} />
        <span class="grow" />
        <Button icon="refresh" kind="quiet" label="Load again" onClick={props.onReload} />
        <Button icon="keyboard" kind="quiet" label="Keyboard" shortcut="?" onClick={props.onHelp} />
      </p>
      <KeyList {...props} />
    </>
  );
}

/**
 * How many keys there are. The server knows that of a project; the keys with a prefix it has to count one by one, so
 * that waits until it is asked for, unless all of them are in the list.
 */
function Total({ tree }: { readonly tree: KeyTree }) {
  const { project, prefix } = tree.query;
  const [total, setTotal] = useState<number>();
  const [isCounting, setCounting] = useState(false);
  const { rows, hasMore } = tree.root;
  const isAll = !hasMore && rows.every(({ kind }) => kind === 'entry');
  const count = useCallback(() => {
    setCounting(true);
    countKeys(project, prefix)
      .then(setTotal, (error) => notifyError(toApiError(error), 'Not counted'))
      .finally(() => setCounting(false));
  }, [project, prefix]);
  const writes = tree.writes.value;
  useEffect(() => {
    if (prefix === '' && writes >= 0) count();
  }, [prefix, count, writes]);
  const known = isAll ? rows.length : total;
  if (known === undefined) {
    return prefix === '' || isCounting ? <>Counting…</> : <Button onClick={count}>Count</Button>;
  }
  return (
    <span class="name">
      {plural(known, 'key')}
      {prefix !== '' && ` with ${prefix}`}
    </span>
  );
}

function NoKeys({ project, prefix }: { readonly project: string; readonly prefix: string }) {
  const key = prefix === '' ? 'greeting' : `${prefix}example`;
  const path = `${apiRoot}/api/v1/projects/${project}/values?key=${encodeURIComponent(key)}`;
  return (
    <EmptyState
      icon="database"
      title={prefix === '' ? 'No keys yet' : `No key begins with “${prefix}”`}
      command={`curl -X PUT '${path}' -H "X-API-Key: $PROJECT_KEY" -d 'hello'`}
    >
      <p>Store the first one with “New key”, by dropping a file here, or from a command line:</p>
    </EmptyState>
  );
}
