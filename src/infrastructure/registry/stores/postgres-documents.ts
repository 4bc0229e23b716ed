import { randomUUID } from 'node:crypto';
import { makeUnlessMade } from '../../storage/engines/postgres/make-unless-made.js';
import { type Connections, connectionsFor, type Rows } from '../../storage/engines/postgres/pools.js';
import { readError } from '../../storage/engines/postgres/postgres-error.js';
import type { PostgresOptions } from '../../storage/engines/postgres/postgres-options.js';
import type { Documents, DocumentsRead, Heartbeat, NodeReport } from '../documents.js';

/** How often a commit is tried on a connection that breaks. */
const ATTEMPTS = 3;

/** Three tables: one row with the revision of all and the id of the last commit, the documents, and the nodes. */
export class PostgresDocuments implements Documents {
  readonly #connections: Connections;
  readonly #schema: string;

  private constructor(connections: Connections, schema: string) {
    this.#connections = connections;
    this.#schema = schema;
  }

  static async open(options: PostgresOptions): Promise<PostgresDocuments> {
    const { schema } = options;
    const documents = new PostgresDocuments(await connectionsFor(options), schema);
    try {
      await documents.#createTables();
      return documents;
    } catch (error) {
      await documents.close();
      throw error;
    }
  }

  async read(): Promise<DocumentsRead> {
    const rows = await this.#query(
      `SELECT r.revision, d.name, d.value FROM ${this.#schema}.registry r
       LEFT JOIN ${this.#schema}.registry_documents d ON true`,
    );
    const found = rows.filter(({ name }) => name !== null);
    return {
      revision: Number(rows[0]?.revision ?? 0),
      documents: new Map(found.map(({ name, value }) => [String(name), String(value)])),
    };
  }

  async commit(expected: number, changes: ReadonlyMap<string, string | undefined>): Promise<number | undefined> {
    const id = randomUUID();
    const removed = [...changes].filter(([, text]) => text === undefined).map(([name]) => name);
    const put = [...changes].filter(([, text]) => text !== undefined);
    const values = [expected, id, removed, put.map(([name]) => name), put.map(([, text]) => text)];
    for (let attempt = 1; ; attempt++) {
      try {
        const [made] = await this.#query(this.#commitText(), values);
        if (made !== undefined) return Number(made.revision);
        const [last] = await this.#query(`SELECT revision, commit_id FROM ${this.#schema}.registry`);
        return last?.commit_id === id ? Number(last.revision) : undefined;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  async report({ id, applied, count, about, rates }: NodeReport): Promise<Heartbeat> {
    // The row of the revision is locked: a commit that this does not see yet has not happened when it is recorded.
    const rows = await this.#query(
      `WITH now AS (SELECT revision FROM ${this.#schema}.registry FOR SHARE),
       own AS (INSERT INTO ${this.#schema}.registry_nodes AS n (id, applied, count, about)
         SELECT $1, $2::bigint, $3::bigint, $4::text FROM now
         ON CONFLICT (id) DO UPDATE SET applied = excluded.applied, count = excluded.count, about = excluded.about)
       SELECT now.revision, n.id, n.applied, n.count, n.about FROM now
       LEFT JOIN ${this.#schema}.registry_nodes n ON n.id <> $1`,
      [id, applied, count, about === undefined ? null : JSON.stringify({ ...about, rates })],
    );
    const others = rows.filter((row) => row.id !== null);
    return {
      revision: Number(rows[0]?.revision ?? 0),
      others: others.map(reportIn),
    };
  }

  async forget({ id, count }: NodeReport): Promise<void> {
    await this.#query(`DELETE FROM ${this.#schema}.registry_nodes WHERE id = $1 AND count = $2`, [id, count]);
  }

  close(): Promise<void> {
    return this.#connections.release();
  }

  /** One statement: all of it, or nothing. */
  #commitText(): string {
    return `WITH made AS (
        UPDATE ${this.#schema}.registry SET revision = revision + 1, commit_id = $2 WHERE revision = $1
        RETURNING revision),
      removed AS (
        DELETE FROM ${this.#schema}.registry_documents WHERE name = ANY($3::text[]) AND EXISTS (SELECT FROM made)),
      put AS (
        INSERT INTO ${this.#schema}.registry_documents (name, value)
        SELECT name, value FROM unnest($4::text[], $5::text[]) AS it (name, value) WHERE EXISTS (SELECT FROM made)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value)
      SELECT revision FROM made`;
  }

  async #createTables(): Promise<void> {
    const selectMade = `SELECT EXISTS (SELECT FROM pg_attribute WHERE
      attrelid = to_regclass('${this.#schema}.registry_nodes') AND attname = 'about' AND NOT attisdropped) AS made`;
    const make = `
      CREATE SCHEMA IF NOT EXISTS ${this.#schema};
      CREATE TABLE IF NOT EXISTS ${this.#schema}.registry (
        one boolean PRIMARY KEY DEFAULT true CHECK (one), revision bigint NOT NULL, commit_id text NOT NULL);
      INSERT INTO ${this.#schema}.registry (revision, commit_id) VALUES (0, '') ON CONFLICT DO NOTHING;
      CREATE TABLE IF NOT EXISTS ${this.#schema}.registry_documents (name text PRIMARY KEY, value text NOT NULL);
      CREATE TABLE IF NOT EXISTS ${this.#schema}.registry_nodes (
        id text PRIMARY KEY, applied bigint NOT NULL, count bigint NOT NULL);
      ALTER TABLE ${this.#schema}.registry_nodes ADD COLUMN IF NOT EXISTS about text;`;
    try {
      await makeUnlessMade(this.#connections, selectMade, make);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async #query(text: string, values: readonly unknown[] = []): Promise<Rows> {
    try {
      return await this.#connections.query({ text, values } as never);
    } catch (error) {
      throw asUnavailable(error);
    }
  }
}

function reportIn({ id, applied, count, about }: Rows[number]): NodeReport {
  const report = { id: String(id), applied: Number(applied), count: Number(count) };
  if (typeof about !== 'string') return report;
  const { rates, ...own } = JSON.parse(about);
  return { ...report, about: own, rates };
}

function asUnavailable(error: unknown) {
  return readError(error, 'the registry on PostgreSQL');
}
