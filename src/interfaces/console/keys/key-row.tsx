import { useEffect } from 'preact/hooks';
import { toApiError } from '../api/api-error.js';
import { Icon } from '../components/icon.js';
import { bytes, count } from '../formats/quantity.js';
import { exactTime, relativeTime } from '../formats/time.js';
import { visible } from '../formats/visible.js';
import type { GroupCounts } from './group-counts.js';
import type { EntryRow, GroupRow } from './key-node.js';
import type { KeyQuery } from './key-source.js';
import type { PlacedRow } from './key-tree.js';

interface KeyRowProps {
  readonly id: string;
  readonly placed: PlacedRow;
  readonly top: number;
  readonly height: number;
  readonly isOpen: boolean;
  readonly isActive: boolean;
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  readonly isBlinking: boolean;
  readonly counts: GroupCounts;
  readonly onClick: () => void;
  readonly onSelect: () => void;
}

// biome-ignore-start lint/a11y/useKeyWithClickEvents: the tree has the focus and handles the keys of its rows
// biome-ignore-start lint/a11y/useFocusableInteractive: the same
export function KeyRow(props: KeyRowProps) {
  const { placed, top, height, isOpen, isActive, isCurrent, isSelected, isBlinking } = props;
  const { row, depth, node } = placed;
  const marks = [isActive && 'active', isCurrent && 'current', isSelected && 'selected', isBlinking && 'blinking'];
  return (
    <div
      id={props.id}
      role="treeitem"
      class={`key-row of-${row?.kind ?? 'more'} ${marks.filter(Boolean).join(' ')}`}
      aria-level={depth + 1}
      aria-expanded={row?.kind === 'group' ? isOpen : undefined}
      aria-selected={isCurrent}
      aria-checked={isSelected}
      style={{ transform: `translateY(${top}px)`, height: `${height}px`, paddingLeft: `${depth * 1.125 + 0.375}rem` }}
      onClick={props.onClick}
    >
      {row?.kind === 'group' && <GroupCells row={row} query={node.query} counts={props.counts} />}
      {row?.kind === 'entry' && <EntryCells row={row} prefix={node.query.prefix} onSelect={props.onSelect} />}
      {row === undefined && <MoreCells placed={placed} />}
    </div>
  );
}

function GroupCells(props: { readonly row: GroupRow; readonly query: KeyQuery; readonly counts: GroupCounts }) {
  const { row, query, counts } = props;
  const found = counts.counts.value.get(row.name);
  const isUnknown = found === undefined;
  useEffect(() => {
    if (isUnknown) counts.want(row.name, query);
  }, [counts, row.name, query, isUnknown]);
  return (
    <>
      <span class="twist">
        <Icon name="expand" />
      </span>
      <Icon name="folder" />
      <span class="name" title={row.name}>
        {visible(row.name.slice(query.prefix.length))}
      </span>
      {found !== undefined && (
        <span class="note">
          {count(found.count)}
          {!found.isComplete && '+'}
          <span class="visually-hidden"> keys</span>
        </span>
      )}
    </>
  );
}

function EntryCells(props: { readonly row: EntryRow; readonly prefix: string; readonly onSelect: () => void }) {
  const { row, prefix, onSelect } = props;
  const { item } = row;
  const { content_type, size_bytes, updated_at } = item;
  const details = [row.name, content_type, updated_at && exactTime(updated_at)];
  return (
    <>
      <span
        class="check"
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          onSelect();
        }}
      >
        <span class="box">
          <Icon name="check" />
        </span>
      </span>
      <span class="name" title={details.filter((one) => one !== undefined).join('\n')}>
        {visible(row.name.slice(prefix.length))}
      </span>
      {size_bytes !== undefined && (
        <span class="note">
          {bytes(size_bytes)}
          {updated_at !== undefined && <span class="age">{relativeTime(updated_at)}</span>}
        </span>
      )}
    </>
  );
}
// biome-ignore-end lint/a11y/useFocusableInteractive: the same
// biome-ignore-end lint/a11y/useKeyWithClickEvents: the tree has the focus and handles the keys of its rows

/** The place of what was not read yet: it reads it when it comes into sight. */
function MoreCells({ placed: { node } }: { readonly placed: PlacedRow }) {
  useEffect(() => {
    void node.load();
  });
  if (node.state === 'failed') return <span class="problem">{toApiError(node.error).message} Click to try again.</span>;
  return <span class="note">Loading…</span>;
}
