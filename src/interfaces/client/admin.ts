import type { ApiRequest, Connection } from './http/connection.js';
import { dataOf } from './http/response.js';
import { projectPath, queryOf } from './paths.js';

/** The members of a project's settings, as in `config.json`. */
export type ProjectSettings = Readonly<Record<string, unknown>>;

/** Times are in seconds since 1970, as in all that the server returns here. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly scopes: readonly string[];
  readonly prefix: string | null;
  readonly created_at: number | null;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

export interface NewApiKey extends ApiKey {
  /** Shown only once. */
  readonly key: string;
}

export interface Migration {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'copying' | 'done' | 'failed';
  readonly copied: number;
  readonly total: number;
  readonly error?: string;
}

export interface Snapshot {
  readonly id: string;
  readonly engine: string;
  readonly count: number;
  readonly bytes: number;
  readonly created_at: number;
}

export interface AuditRecord {
  readonly time: number;
  /** The id of the key, or what else is known of the caller. */
  readonly who: string;
  /** The operation. */
  readonly act: string;
  readonly project: string | null;
  readonly address: string | null;
  readonly request_id: string;
  /** `done`, or the code of the error. */
  readonly outcome: string;
  readonly repeated: number;
}

/** Which records of the audit log are wanted; times are in seconds since 1970. */
export interface AuditFilter {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly project?: string | undefined;
  readonly act?: string | undefined;
  readonly who?: string | undefined;
  /** `done`, a code, or `failed` for all that was not done. */
  readonly outcome?: string | undefined;
}

/** What the system key may do, and a key with the scope `admin` in its project. Members are named by the server. */
export class Admin {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Memory, disk space, projects, uptime and version of the server. */
  async status(): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.#connection.send({ method: 'GET', path: '/status', repeat: 'safe' });
    dataOf(response);
    return JSON.parse(new TextDecoder().decode(response.body)).System;
  }

  /** The records of the audit log, latest first. The next page is read when it is needed. */
  async *audit(filter: AuditFilter = {}): AsyncGenerator<AuditRecord, void> {
    let cursor: string | undefined;
    do {
      const path = `/api/v1/audit${queryOf({ ...filter, cursor })}`;
      const response = await this.#connection.send({ method: 'GET', path, repeat: 'safe' });
      yield* dataOf(response) as AuditRecord[];
      const [, next] = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? [];
      cursor = next === undefined ? undefined : (new URL(next, response.url).searchParams.get('cursor') ?? undefined);
    } while (cursor !== undefined);
  }

  readonly projects = {
    list: () => this.#get<Readonly<Record<string, ProjectSettings>>>('/api/v1/projects'),
    get: (id: string) => this.#get<ProjectSettings>(projectPath(id)),
    /** Returns the key of the new project; undefined if it needs none. */
    create: async (id: string, settings: ProjectSettings = {}, existing?: 'adopt' | 'move-aside') => {
      const path = `/api/v1/projects${queryOf({ existing })}`;
      const created = await this.#send<{ new_api_key?: string } | null>('POST', path, { ...settings, id });
      return created?.new_api_key;
    },
    /** Returns the migration, if the data must be moved. */
    update: async (id: string, settings: ProjectSettings) =>
      (await this.#send<Migration | null>('PUT', projectPath(id), settings)) ?? undefined,
    delete: (id: string, force?: boolean) => this.#send<void>('DELETE', projectPath(id) + queryOf({ force })),
    /** Returns the new primary key. The one before does not work any more. */
    regenerateKey: async (id: string) => {
      const path = `${projectPath(id)}/config/regenerate-api-key`;
      return (await this.#send<{ new_api_key: string }>('POST', path)).new_api_key;
    },
  };

  readonly keys = {
    list: (project: string) => this.#get<ApiKey[]>(`${projectPath(project)}/api-keys`),
    create: (project: string, key: { name: string; scopes: readonly string[]; prefix?: string; expires_in?: number }) =>
      this.#send<NewApiKey>('POST', `${projectPath(project)}/api-keys`, key),
    /** The old secret works for another `grace` seconds. */
    rotate: (project: string, id: string, grace = 0) =>
      this.#send<NewApiKey>('POST', `${projectPath(project)}/api-keys/${part(id)}/rotate`, { grace }),
    delete: (project: string, id: string) => this.#send<void>('DELETE', `${projectPath(project)}/api-keys/${part(id)}`),
  };

  readonly migrations = {
    list: (project: string) => this.#get<Migration[]>(`${projectPath(project)}/migrations`),
    get: (project: string, id: string) => this.#get<Migration>(`${projectPath(project)}/migrations/${part(id)}`),
    rollBack: (project: string, id: string) =>
      this.#send<Migration>('POST', `${projectPath(project)}/migrations/${part(id)}/rollback`),
  };

  readonly snapshots = {
    create: (project: string) => this.#send<Snapshot>('POST', `${projectPath(project)}/snapshots`),
    list: (project: string) => this.#get<Snapshot[]>(`${projectPath(project)}/snapshots`),
    get: (project: string, id: string) => this.#get<Snapshot>(`${projectPath(project)}/snapshots/${part(id)}`),
    /** Reads it to its end. Rejects if it is damaged. */
    verify: (project: string, id: string) =>
      this.#send<{ count: number | null }>('POST', `${projectPath(project)}/snapshots/${part(id)}/verify`),
    /** Into another project if `into` is given. */
    restore: (project: string, id: string, into?: string) =>
      this.#send<{ count: number; expired: number; removed: number }>(
        'POST',
        `${projectPath(project)}/snapshots/${part(id)}/restore`,
        into === undefined ? undefined : { into },
      ),
    delete: (project: string, id: string) =>
      this.#send<void>('DELETE', `${projectPath(project)}/snapshots/${part(id)}`),
  };

  #get<R>(path: string): Promise<R> {
    return this.#call({ method: 'GET', path, repeat: 'safe' });
  }

  #send<R>(method: string, path: string, body?: object): Promise<R> {
    if (body === undefined) return this.#call({ method, path });
    return this.#call({ method, path, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  }

  async #call<R>(request: ApiRequest): Promise<R> {
    return dataOf(await this.#connection.send(request)) as R;
  }
}

/** An id as a segment of a path. */
function part(id: string): string {
  return encodeURIComponent(id).replace(/^\.+$/, '-');
}
