import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { components } from '#openapi';
import { fetched } from '../../api/client.js';
import { systemApi } from '../../session/session.js';

export type AuditRecord = components['schemas']['AuditRecord'];

/** Which records are shown. It is the query of the view's address. */
export interface AuditFilter {
  readonly project?: string | undefined;
  readonly act?: string | undefined;
  readonly outcome?: string | undefined;
}

const LIMIT = 100;

interface Page {
  readonly records: readonly AuditRecord[];
  readonly next: string | undefined;
}

/** The records of the audit log, latest first, page by page. */
export function useAuditRecords({ project, act, outcome }: AuditFilter) {
  const [page, setPage] = useState<Page>({ records: [], next: undefined });
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<unknown>();
  const lastCall = useRef(0);

  const load = useCallback(
    async (before: Page | undefined) => {
      lastCall.current += 1;
      const call = lastCall.current;
      setLoading(true);
      try {
        const { records, next } = await readPage({ project, act, outcome }, before?.next);
        if (call !== lastCall.current) return;
        setPage({ records: [...(before?.records ?? []), ...records], next });
        setProblem(undefined);
      } catch (error) {
        if (call === lastCall.current) setProblem(error);
      }
      if (call === lastCall.current) setLoading(false);
    },
    [project, act, outcome],
  );

  useEffect(() => void load(undefined), [load]);
  return {
    records: page.records,
    hasMore: page.next !== undefined,
    isLoading,
    problem,
    loadMore: () => void load(page),
    reload: () => void load(undefined),
  };
}

async function readPage({ project, act, outcome }: AuditFilter, cursor: string | undefined): Promise<Page> {
  const query = {
    limit: LIMIT,
    ...(project ? { project } : {}),
    ...(act ? { act } : {}),
    ...(outcome ? { outcome } : {}),
    ...(cursor ? { cursor } : {}),
  };
  const { body, response } = await fetched(systemApi().GET('/api/v1/audit', { params: { query } }));
  const link = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  const next = link === undefined ? undefined : (new URL(link, location.href).searchParams.get('cursor') ?? undefined);
  return { records: body.data, next };
}
