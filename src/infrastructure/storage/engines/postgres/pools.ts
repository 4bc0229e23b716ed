import { readFile } from 'node:fs/promises';
import type { Pool, Query } from 'pg';
import { AppError } from '../../../../domain/errors.js';
import { connectionUrl, type PostgresOptions } from './postgres-options.js';

/** How long a connection that nothing uses stays open, in ms. */
const IDLE = 60_000;

/** One set of connections for all projects of this process that are on the same server. */
interface SharedPool {
  readonly pool: Pool;
  users: number;
}

/** By URL and everything else that a connection is made with. */
const open = new Map<string, Promise<SharedPool>>();

/** Rows of a table, by the names of columns. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** A share of the connections to a server. */
export interface Connections {
  /** Runs a query on one of them. */
  query(query: Query | string): Promise<Rows>;
  /** Closes the connections if no other project uses them. */
  release(): Promise<void>;
}

/** Rejects with `unavailable` if the URL or the certificates cannot be read; does not connect yet. */
export async function connectionsFor(options: PostgresOptions): Promise<Connections> {
  const url = await connectionUrl(options);
  const { tls, tls_ca_file, pool_size, timeout } = options;
  const id = JSON.stringify([url, tls, tls_ca_file, pool_size, timeout]);
  let opening = open.get(id);
  if (opening === undefined) {
    opening = openPool(url, options);
    open.set(id, opening);
    opening.catch(() => open.delete(id));
  }
  const shared = await opening;
  shared.users += 1;
  let released = false;
  const release = async () => {
    if (released) return;
    released = true;
    shared.users -= 1;
    if (shared.users > 0) return;
    open.delete(id);
    await shared.pool.end();
  };
  return { query: (query) => queryOn(shared.pool, query), release };
}

/** A connection stays open after an error of the server, which ends a transaction and nothing else. */
async function queryOn(pool: Pool, query: Query | string): Promise<Rows> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    const { rows } = await client.query(query);
    isBroken = false;
    return rows;
  } catch (error) {
    isBroken = (error as { severity?: unknown }).severity !== 'ERROR';
    throw error;
  } finally {
    client.release(isBroken);
  }
}

async function openPool(url: string, { tls, tls_ca_file, pool_size, timeout }: PostgresOptions): Promise<SharedPool> {
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
  return { pool, users: 0 };
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const message = `${path}, which tls_ca_file names, cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new AppError('unavailable', message, { isPermanent: true });
  }
}
