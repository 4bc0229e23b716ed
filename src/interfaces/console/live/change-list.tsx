import type { HistoryEntry } from '../feed/feed-history.js';
import { bytes } from '../formats/quantity.js';
import { visible } from '../formats/visible.js';
import { projectAddress } from '../routing/addresses.js';
import { KIND_WORDS } from './change-filter.js';

interface ChangeListProps {
  readonly project: string;
  readonly entries: readonly HistoryEntry[];
}

/** Changes and notes, latest first. */
export function ChangeList({ project, entries }: ChangeListProps) {
  return (
    <ol class="change-list" aria-label="Changes, latest first">
      {entries.map((entry) => (
        <ChangeRow key={entry.number} project={project} entry={entry} />
      ))}
    </ol>
  );
}

const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

/** How long a change counts as new, in ms. */
const NEW = 1_500;

function ChangeRow({ project, entry }: { readonly project: string; readonly entry: HistoryEntry }) {
  const time = <time dateTime={new Date(entry.at).toISOString()}>{clock.format(entry.at)}</time>;
  if (entry.kind === 'note') {
    return (
      <li class="note">
        {time}
        <span class="text">{entry.text}</span>
      </li>
    );
  }
  const { event, key, version, size } = entry.change;
  return (
    <li class={Date.now() - entry.at < NEW ? 'arrived' : ''}>
      {time}
      <span class={`kind ${event}`}>{KIND_WORDS[event]}</span>
      <span class="key">
        {event === 'put' ? (
          <a href={projectAddress(project, 'keys', { key })}>{visible(key)}</a>
        ) : (
          <span>{visible(key)}</span>
        )}
      </span>
      <span class="size">{event === 'put' ? bytes(size) : ''}</span>
      <code class="version" title={`Version ${version}`}>
        {version}
      </code>
    </li>
  );
}
