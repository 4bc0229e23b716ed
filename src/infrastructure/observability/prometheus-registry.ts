import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Keyspaces } from '../../application/keyspace/keyspaces.js';
import type { NodeAbout } from '../../application/ports/registry/nodes.js';
import type { Projects } from '../../application/ports/registry/projects.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import type { FreeSpace } from '../files/free-space.js';

export interface MetricSources {
  readonly node: Pick<NodeAbout, 'id' | 'version'>;
  readonly projects: Pick<Projects, 'list'>;
  readonly keyspaces: Pick<Keyspaces, 'of' | 'failures'>;
  readonly hasher: Pick<SecretHasher, 'waiting'>;
  readonly watches: { readonly count: number };
  /** Of the disk with the data folder. */
  readonly space: Pick<FreeSpace, 'disk'>;
}

/** The metrics of prom-client, in the text format of Prometheus. */
export class PrometheusRegistry {
  readonly #server = new Registry();
  readonly #projects: ProjectMetrics;

  constructor(private readonly sources: MetricSources) {
    const { hasher } = sources;
    new Gauge({
      name: 'portkv_key_checks_waiting',
      help: 'API keys that wait to be verified by argon2',
      registers: [this.#server],
      collect() {
        this.set(hasher.waiting);
      },
    });
    this.#projects = projectMetrics(this.#server);
    serverMetrics(this.#server, sources);
  }

  /** The metrics of this server, measured now. */
  async ofServer(): Promise<string> {
    await this.#measureProjects();
    return this.#server.metrics();
  }

  /** The metrics of the process, the same for all servers in it. Collected from the first call on. */
  ofProcess(): Promise<string> {
    return processMetrics().metrics();
  }

  async #measureProjects(): Promise<void> {
    const { entries, bytes, open, commits } = this.#projects;
    for (const metric of [entries, bytes, open, commits]) metric.reset();
    const { projects, keyspaces } = this.sources;
    for (const { id: project, security } of projects.list()) {
      try {
        const keyspace = await keyspaces.of(project);
        const size = await keyspace.store.size();
        // A project that hides its keys hides their number, too.
        if (security.keys_and_values_discoverable) entries.set({ project }, size.keys);
        bytes.set({ project }, size.bytes);
        for (const [outcome, count] of Object.entries(keyspace.commits)) commits.inc({ project, outcome }, count);
        open.set({ project }, 1);
      } catch {
        open.set({ project }, 0);
      }
    }
  }
}

type ProjectMetrics = ReturnType<typeof projectMetrics>;

function projectMetrics(registry: Registry) {
  const registers = [registry];
  const labelNames = ['project'] as const;
  return {
    entries: new Gauge({ name: 'portkv_project_entries', help: 'Entries stored', labelNames, registers }),
    bytes: new Gauge({
      name: 'portkv_project_bytes',
      help: 'Bytes of keys, values and metadata stored',
      labelNames,
      registers,
    }),
    open: new Gauge({
      name: 'portkv_project_open',
      help: '1 if the data is served, 0 if it cannot be',
      labelNames,
      registers,
    }),
    commits: new Counter({
      name: 'portkv_project_commits_total',
      help: 'Commits since the project was opened: done; refused, because another write came first; failed',
      labelNames: ['project', 'outcome'] as const,
      registers,
    }),
  };
}

function serverMetrics(registry: Registry, { node, watches, space }: MetricSources): void {
  new Gauge({
    name: 'portkv_node_info',
    help: '1, with the id and the version of this server',
    labelNames: ['node', 'version'],
    registers: [registry],
  }).set({ node: node.id ?? '', version: node.version }, 1);
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('portkv_watches_open', 'Streams of changes, and requests that wait for changes', () => watches.count);
  gauge('portkv_disk_free_bytes', 'Free on the disk of the data folder; NaN if unknown', () => space.disk.freeBytes);
  gauge('portkv_disk_size_bytes', 'Size of the disk of the data folder; NaN if unknown', () => space.disk.sizeBytes);
  gauge(
    'portkv_disk_reserve_bytes',
    'Writes are refused if less is free; NaN if unknown',
    () => space.disk.reserveBytes,
  );
}

/** One for the process, however many servers run in it. */
let processRegistry: Registry | undefined;

function processMetrics(): Registry {
  if (processRegistry === undefined) {
    processRegistry = new Registry();
    collectDefaultMetrics({ register: processRegistry });
  }
  return processRegistry;
}
