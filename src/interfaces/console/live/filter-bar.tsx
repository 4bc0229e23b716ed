import { Button } from '../components/button.js';
import type { ChangeKind } from '../feed/feed-event.js';
import { type ChangeFilter, isFiltering, KIND_WORDS } from './change-filter.js';

interface FilterBarProps {
  readonly filter: ChangeFilter;
  readonly onFilter: (filter: ChangeFilter) => void;
}

/** Chooses which changes are shown: by the begin of the key, a text in it, and the kind of change. */
export function FilterBar({ filter, onFilter }: FilterBarProps) {
  const kinds = [undefined, ...(Object.keys(KIND_WORDS) as ChangeKind[])];
  return (
    <search class="filter-bar" aria-label="Filter changes">
      <label>
        <span>Key begins with</span>
        <input
          type="search"
          spellcheck={false}
          placeholder="any key"
          value={filter.prefix}
          onInput={(event) => onFilter({ ...filter, prefix: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>Key contains</span>
        <input
          type="search"
          spellcheck={false}
          placeholder="any text"
          value={filter.text}
          onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
        />
      </label>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row in every browser */}
      <div class="segments" role="group" aria-label="Kind of change">
        {kinds.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={filter.kind === kind}
            onClick={() => onFilter({ ...filter, kind })}
          >
            {kind === undefined ? 'All' : KIND_WORDS[kind]}
          </button>
        ))}
      </div>
      {isFiltering(filter) && (
        <Button icon="close" kind="quiet" onClick={() => onFilter({ prefix: '', kind: undefined, text: '' })}>
          Show all
        </Button>
      )}
    </search>
  );
}
