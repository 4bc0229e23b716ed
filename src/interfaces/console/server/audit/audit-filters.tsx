import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { projectIds } from '../../session/project-list.js';
import type { AuditFilter } from './use-audit-records.js';

interface AuditFiltersProps {
  readonly filter: AuditFilter;
  readonly onFilter: (filter: AuditFilter) => void;
  readonly children: ComponentChildren;
}

const OUTCOMES = [
  [undefined, 'All'],
  ['done', 'Done'],
  ['failed', 'Refused or failed'],
] as const;

/** How long a text rests before it is asked for, in ms. */
const REST = 300;

export function AuditFilters({ filter, onFilter, children }: AuditFiltersProps) {
  const { project, act, outcome } = filter;
  return (
    <search class="filters" aria-label="Filter records">
      <label>
        <span>Project</span>
        <select
          value={project ?? ''}
          onChange={(event) => onFilter({ ...filter, project: event.currentTarget.value || undefined })}
        >
          <option value="">All projects</option>
          {[...new Set([...projectIds.value, ...(project ? [project] : [])])].map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
      <ActField act={act ?? ''} onAct={(changed) => onFilter({ ...filter, act: changed || undefined })} />
      <fieldset class="segments">
        <legend class="visually-hidden">Outcome</legend>
        {OUTCOMES.map(([value, words]) => (
          <button
            key={words}
            type="button"
            aria-pressed={outcome === value}
            onClick={() => onFilter({ ...filter, outcome: value })}
          >
            {words}
          </button>
        ))}
      </fieldset>
      {children}
    </search>
  );
}

function ActField({ act, onAct }: { readonly act: string; readonly onAct: (act: string) => void }) {
  const [text, setText] = useState(act);
  useEffect(() => setText(act), [act]);
  useEffect(() => {
    if (text.trim() === act) return;
    const timer = setTimeout(() => onAct(text.trim()), REST);
    return () => clearTimeout(timer);
  }, [text, act, onAct]);
  return (
    <label>
      <span>Action</span>
      <input
        type="search"
        spellcheck={false}
        placeholder="such as createApiKey"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}
