import { AppError, DamagedDataError } from '../../../../domain/errors.js';
import type { Engine } from '../engine.js';
import type { Location } from '../location.js';
import { makeUnlessMade } from './make-unless-made.js';
import { type Connections, connectionsFor } from './pools.js';
import { commitError, readError } from './postgres-error.js';
import { PostgresOptions } from './postgres-options.js';
import { PostgresStore } from './postgres-store.js';
import {
  createFence,
  createGroup,
  createLimitedCommit,
  createSchema,
  createStore,
  dropStore,
  FORMAT,
  hasFence,
  hasGroup,
  hasLimitedCommit,
} from './schema/schema.js';
import { serverDurability } from './server-settings.js';
import { tableName } from './table-name.js';

/** Tables of a PostgreSQL server, a few for each project. */
export const engine: Engine<PostgresOptions> = {
  Options: PostgresOptions,
  tuning: ['tls', 'tls_ca_file', 'pool_size', 'timeout', 'commit_timeout'],

  async open(location, options) {
    const { schema } = options;
    const name = await tableName(location);
    const connections = await connectionsFor(options);
    try {
      await requireStore(connections, schema, name);
      await makeLaterFunctions(connections, schema, name);
      return new PostgresStore(connections, `${schema}.${name}`, options);
    } catch (error) {
      await connections.release();
      throw error;
    }
  },

  create: (location, options) =>
    withServer(location, options, async (server, name) => {
      const { schema } = options;
      await makeUnlessMade(server, hasSchema(schema), createSchema(schema));
      // Several statements at once are one transaction.
      await server.query(createStore(schema, name, location.project));
    }),

  remove: (location, options) =>
    withServer(location, options, async (server, name) => {
      const { schema } = options;
      const [row] = await server.query(hasSchema(schema));
      if (row?.made === true) await server.query(dropStore(schema, name));
    }),

  server: {
    fence: (location, options) =>
      withServer(location, options, async (server, name) => {
        await server.query(createFence(options.schema, name));
      }),

    unfence: (location, options) =>
      withServer(location, options, async (server, name) => {
        const { schema } = options;
        const found = await server.query(hasFence(schema, name));
        if (found.length > 0) await server.query(`DROP TRIGGER IF EXISTS fence ON ${schema}.${name}`);
      }),

    async durability(options) {
      const connections = await connectionsFor(options);
      try {
        return await serverDurability(connections, options.pool_size, 'PostgreSQL');
      } finally {
        await connections.release();
      }
    },
  },
};

/** Rejects if it is missing, or was made by a later PortKV. */
async function requireStore(server: Connections, schema: string, name: string): Promise<void> {
  let format: unknown;
  try {
    const text = `SELECT format FROM ${schema}.stores WHERE name = $1`;
    format = (await server.query({ text, values: [name] }))[0]?.format;
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42P01') throw readError(error, `${schema}.${name}`);
  }
  if (format === undefined) {
    throw new DamagedDataError(`PostgreSQL has no store ${schema}.${name}: restore a snapshot, or its tables`);
  }
  if (Number(format) > FORMAT) {
    const message = `${schema}.${name} was made by a later version of PortKV (format ${format}): use that one`;
    throw new AppError('unavailable', message, { isPermanent: true });
  }
}

/** Those that earlier versions of PortKV do not make. */
async function makeLaterFunctions(server: Connections, schema: string, name: string): Promise<void> {
  try {
    await makeUnlessMade(server, hasLimitedCommit(schema, name), createLimitedCommit(schema, name));
    await makeUnlessMade(server, hasGroup(schema, name), createGroup(schema, name));
  } catch (error) {
    throw readError(error, `${schema}.${name}`);
  }
}

function hasSchema(schema: string): string {
  return `SELECT to_regclass('${schema}.stores') IS NOT NULL AS made`;
}

/** Runs a task with connections. Rejects with `unavailable` or `insufficient_storage`. */
async function withServer(
  location: Location,
  options: PostgresOptions,
  task: (connections: Connections, name: string) => Promise<void>,
): Promise<void> {
  const name = await tableName(location);
  const connections = await connectionsFor(options);
  try {
    await task(connections, name);
  } catch (error) {
    throw commitError(error, `${options.schema}.${name}`);
  } finally {
    await connections.release();
  }
}
