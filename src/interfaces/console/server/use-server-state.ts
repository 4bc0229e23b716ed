import { useCallback, useEffect, useState } from 'preact/hooks';
import { errorOf, toApiError } from '../api/api-error.js';
import { dataOf, fetched } from '../api/client.js';
import { systemApi } from '../session/session.js';
import type { ServerNode } from './nodes-table.js';

/** How the server is, from /status and /readyz. */
export interface ServerState {
  readonly version: string;
  /** In seconds. */
  readonly uptime: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
  readonly projects: number;
  /** Projects that cannot be served, each with the reason. */
  readonly unavailable: Readonly<Record<string, string>>;
  /** Projects that have data and are not in the configuration. */
  readonly unclaimed: readonly string[];
  /** The servers that share a registry, if it has one and that answers. */
  readonly nodes: readonly ServerNode[] | undefined;
}

const INTERVAL = 5_000;

/** The state of the server, renewed while the view is open and seen. */
export function useServerState(): {
  readonly state: ServerState | undefined;
  readonly problem: unknown;
  readonly reload: () => Promise<void>;
} {
  const [state, setState] = useState<ServerState>();
  const [problem, setProblem] = useState<unknown>();
  const reload = useCallback(async () => {
    try {
      setState(await readState());
      setProblem(undefined);
    } catch (error) {
      setProblem(error);
    }
  }, []);
  useEffect(() => {
    void reload();
    const timer = setInterval(() => document.hidden || void reload(), INTERVAL);
    return () => clearInterval(timer);
  }, [reload]);
  return { state, problem, reload };
}

async function readState(): Promise<ServerState> {
  const [{ body }, readiness, nodes] = await Promise.all([
    fetched(systemApi().GET('/status')),
    readReadiness(),
    readNodes(),
  ]);
  const { System: system } = body as { System: Record<string, string | number> };
  return {
    version: String(system.version),
    uptime: Number(system.uptime),
    memoryBytes: Number(system.memory_usage_bytes),
    storageBytes: Number(system.storage_usage_bytes),
    projects: Number(system.number_of_projects),
    ...readiness,
    nodes,
  };
}

async function readNodes(): Promise<readonly ServerNode[] | undefined> {
  const nodes = await dataOf(systemApi().GET('/api/v1/nodes')).catch(() => []);
  // Without a registry a server is alone, and serves no revision.
  return nodes.some(({ revision }) => revision !== null) ? nodes : undefined;
}

/** 503 is an answer too: some projects cannot be served. */
async function readReadiness(): Promise<Pick<ServerState, 'unavailable' | 'unclaimed'>> {
  const { data, error, response } = await systemApi()
    .GET('/readyz')
    .catch((cause: unknown) => {
      throw toApiError(cause);
    });
  const read = (data ?? error) as { unavailable?: Record<string, string>; unclaimed?: string[] } | undefined;
  if (read?.unavailable === undefined) throw errorOf(response, read);
  return { unavailable: read.unavailable, unclaimed: read.unclaimed ?? [] };
}
