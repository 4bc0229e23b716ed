import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Keyspaces } from '../../application/keyspace/keyspaces.js';
import type { Projects } from '../../application/ports/registry/projects.js';
import type { SecretHasher } from '../../application/ports/secret-hasher.js';

export interface MetricSources {
  readonly projects: Pick<Projects, 'list'>;
  readonly keyspaces: Pick<Keyspaces, 'of' | 'failures'>;
  readonly hasher: Pick<SecretHasher, 'waiting'>;
}

/** What prom-client writes in the text format of Prometheus. */
export class PrometheusRegistry {
  readonly #own = new Registry();
  readonly #projects: ProjectMetrics;

  constructor(private readonly sources: MetricSources) {
    const { hasher } = sources;
    new Gauge({
      name: 'portkv_key_checks_waiting',
      help: 'API keys that wait to be verified by argon2',
      registers: [this.#own],
      collect() {
        this.set(hasher.waiting);
      },
    });
    this.#projects = projectMetrics(this.#own);
  }

  /** Measured now. */
  async ofServer(): Promise<string> {
    await this.#measureProjects();
    return this.#own.metrics();
  }

  /** Of this process, however many servers run in it; nothing is watched before somebody asks. */
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
        // Nothing counts the keys of a project that hides them.
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
    bytes: new Gauge({ name: 'portkv_project_bytes', help: 'Bytes of keys and values stored', labelNames, registers }),
    open: new Gauge({
      name: 'portkv_project_open',
      help: '1 where the data is served, 0 where it cannot be',
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

let registry: Registry | undefined;

function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
