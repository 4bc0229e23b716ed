import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { Button } from '../../components/button.js';
import { EmptyState } from '../../components/empty-state.js';
import { ErrorBox } from '../../components/error-box.js';
import { addressOf, apiRoot } from '../../routing/addresses.js';
import { systemKey } from '../../session/session.js';
import { NeedsSystemKey } from '../needs-system-key.js';
import { AuditFilters } from './audit-filters.js';
import { AuditTable } from './audit-table.js';
import { type AuditFilter, useAuditRecords } from './use-audit-records.js';
import '../../styles/server.css';

/** Who did what: the audit log of the server. */
export function AuditView() {
  useEffect(() => {
    document.title = 'Audit log · PortKV';
  }, []);
  return (
    <main class="page audit" id="content" tabIndex={-1}>
      <h1>Audit log</h1>
      {systemKey.value === undefined ? <NeedsSystemKey path="/api/v1/audit" /> : <Records />}
    </main>
  );
}

function Records() {
  const { query, route } = useLocation();
  const { project, act, outcome } = query;
  const filter: AuditFilter = { project, act, outcome };
  const { records, hasMore, isLoading, problem, loadMore, reload } = useAuditRecords(filter);
  const isFiltered = [project, act, outcome].some((one) => one !== undefined);
  return (
    <>
      <AuditFilters filter={filter} onFilter={(changed) => route(addressOf('audit', { ...changed }), true)}>
        <Button icon="refresh" kind="quiet" label="Load again" onClick={reload} />
      </AuditFilters>
      {problem !== undefined && <ErrorBox error={problem} onRetry={reload} />}
      {records.length > 0 && <AuditTable records={records} />}
      {records.length === 0 && !isLoading && problem === undefined && <Nothing isFiltered={isFiltered} />}
      <p class="hint" role="status">
        {isLoading && 'Loading…'}
      </p>
      {hasMore && (
        <Button isBusy={isLoading} icon="more" onClick={loadMore}>
          Show earlier records
        </Button>
      )}
    </>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <EmptyState icon="search" title="No record matches the filter" />;
  const command = `curl ${apiRoot}/api/v1/projects -H "X-API-Key: $SYSTEM_KEY" -d '{"id":"weather"}'`;
  return (
    <EmptyState icon="list" title="Nothing was recorded yet" command={command}>
      <p>
        Changes of projects, settings and keys are recorded here, and calls that were refused. This makes the first:
      </p>
    </EmptyState>
  );
}
