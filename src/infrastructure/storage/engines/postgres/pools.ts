import { createHash } from 'node:crypto';
import type { Pool, Query } from 'pg';
import { readCertificates } from '../../building-blocks/server/read-certificates.js';
import { SharedConnections } from '../../building-blocks/server/shared-connections.js';
import { connectionUrl, type PostgresOptions } from './postgres-options.js';

/** How long a connection that nothing uses stays open, in ms. */
const IDLE = 60_000;

/** The longest name of a prepared statement, in ASCII: `NAMEDATALEN` of PostgreSQL, less one. */
const MAX_NAME = 63;

const shared = new SharedConnections<Pool>((pool) => pool.end());

/** Rows of a table, by the names of columns. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** A share of the connections to a server. */
export interface Connections {
  /** Runs a query on one of them. */
  query(query: Query | string): Promise<Rows>;
  /** Opens one more for a transaction of several queries, of as many at a time as there are of the others. */
  session(): Promise<Session>;
  /** Closes the connections if no other project uses them. */
  release(): Promise<void>;
}

/** A connection of its own. */
export interface Session {
  query(query: Query | string): Promise<Rows>;
  /** Closes it. Never rejects. */
  end(): Promise<void>;
}

/** Rejects with `unavailable` if the URL or the certificates cannot be read; does not connect yet. */
export async function connectionsFor(options: PostgresOptions): Promise<Connections> {
  const url = await connectionUrl(options);
  const { tls, tls_ca_file, pool_size, timeout } = options;
  const id = JSON.stringify([url, tls, tls_ca_file, pool_size, timeout]);
  const { connection: pool, release } = await shared.acquire(id, () => openPool(url, options));
  const session = () => openSession(`${id} sessions`, () => openPool(url, options));
  return { query: (query) => queryOn(pool, query), session, release };
}

async function openSession(id: string, open: () => Promise<Pool>): Promise<Session> {
  const { connection: pool, release } = await shared.acquire(id, open);
  try {
    const client = await pool.connect();
    let ending: Promise<void> | undefined;
    const end = async () => {
      client.release(true);
      await release().catch(() => undefined);
    };
    return {
      query: async (query) => (await client.query(withShortName(query))).rows,
      end: () => (ending ??= end()),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** A connection stays open after an error of the server, which ends a transaction and nothing else. */
async function queryOn(pool: Pool, query: Query | string): Promise<Rows> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    const { rows } = await client.query(withShortName(query));
    isBroken = false;
    return rows;
  } catch (error) {
    isBroken = (error as { severity?: unknown }).severity !== 'ERROR';
    throw error;
  } finally {
    client.release(isBroken);
  }
}

async function openPool(url: string, { tls, tls_ca_file, pool_size, timeout }: PostgresOptions): Promise<Pool> {
  const { default: pg } = await import('pg');
  const ca = tls_ca_file === undefined ? {} : { ca: await readCertificates(tls_ca_file) };
  const pool = new pg.Pool({
    connectionString: url,
    ...(tls ? { ssl: { rejectUnauthorized: true, ...ca } } : {}),
    max: pool_size,
    connectionTimeoutMillis: timeout * 1000,
    idleTimeoutMillis: IDLE,
    keepAlive: true,
    application_name: 'portkv',
  });
  // A connection that breaks fails the query that uses it, and is replaced when one is needed.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * With a name for the prepared statement that the server does not cut: of two names with the same first 63 bytes one
 * would be refused.
 */
function withShortName(query: Query | string): Query | string {
  const { name } = query as { readonly name?: string };
  if (name === undefined || name.length <= MAX_NAME) return query;
  return { ...(query as object), name: createHash('sha256').update(name).digest('base64url') } as never;
}
