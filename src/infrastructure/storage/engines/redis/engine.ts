import { AppError, DamagedDataError } from '../../../../domain/errors.js';
import type { Engine } from '../engine.js';
import type { Location } from '../location.js';
import { type Connection, connectionFor } from './connections.js';
import { commitError, readError } from './redis-error.js';
import { RedisOptions } from './redis-options.js';
import { RedisStore } from './redis-store.js';
import { fence, fencedBy, unfence } from './replicated-commit.js';
import { serverDurability } from './server-settings.js';
import { storeName } from './store-name.js';

/** The layout of the keys. A store of a higher one was made by a later PortKV, and is not opened. */
const FORMAT = 1;
/** How many entries one command removes. */
const REMOVED_TOGETHER = 500;

/** Keys of a Redis server, those of a project with one hash tag. */
export const engine: Engine<RedisOptions> = {
  Options: RedisOptions,
  tuning: ['tls_ca_file', 'timeout', 'commit_timeout', 'wait'],

  async open(location, options) {
    const name = await storeName(location);
    const connection = await connectionFor(options);
    try {
      await requireStore(connection, name);
      return new RedisStore(connection, name, options);
    } catch (error) {
      await connection.release();
      throw error;
    }
  },

  create: (location, options) =>
    withServer(location, options, async ({ redis }, name) => {
      if ((await redis.exists(`${name}:made`)) === 1) throw new Error('there is such a store already');
      await redis.hset(`${name}:size`, 'keys', 0, 'bytes', 0);
      await redis.set(`${name}:made`, `${FORMAT}`);
    }),

  remove: (location, options) =>
    withServer(location, options, async ({ redis }, name) => {
      // First the mark: from then on nothing can be committed.
      await redis.unlink(`${name}:made`);
      for (;;) {
        const keys = await redis.zrangeBuffer(`${name}:keys`, 0, REMOVED_TOGETHER - 1);
        if (keys.length === 0) break;
        await redis.unlink(...keys.map((key) => Buffer.concat([Buffer.from(`${name}:e:`), key])));
        await redis.zremrangebyrank(`${name}:keys`, 0, keys.length - 1);
      }
      const rest = ['keys', 'expiry', 'size', 'fence', 'log', 'views'];
      await redis.unlink(...rest.map((one) => `${name}:${one}`));
    }),

  server: {
    fence: (location, options, token) =>
      withServer(location, options, (connection, name) =>
        fence(connection, name, token, options.wait, options.commit_timeout / 2),
      ),

    fencedBy: (location, options) => withServer(location, options, fencedBy),

    unfence: (location, options, token) =>
      withServer(location, options, (connection, name) => unfence(connection, name, token)),

    async durability(options) {
      const connection = await connectionFor(options);
      try {
        return await serverDurability(connection, 'Redis', options.wait);
      } finally {
        await connection.release();
      }
    },
  },
};

/** Rejects if it is missing, or was made by a later PortKV. */
async function requireStore({ redis, ready }: Connection, name: string): Promise<void> {
  let format: string | null;
  try {
    await ready();
    format = await redis.get(`${name}:made`);
  } catch (error) {
    throw readError(error, name);
  }
  if (format === null) throw new DamagedDataError(`Redis has no store ${name}: restore a snapshot`);
  if (Number(format) > FORMAT) {
    const message = `${name} was made by a later version of PortKV (format ${format}): use that one`;
    throw new AppError('unavailable', message, { isPermanent: true });
  }
}

/** Runs a task with a connection. Rejects with `unavailable` or `insufficient_storage`. */
async function withServer<T>(
  location: Location,
  options: RedisOptions,
  task: (connection: Connection, name: string) => Promise<T>,
): Promise<T> {
  const name = await storeName(location);
  const connection = await connectionFor(options);
  try {
    await connection.ready();
    return await task(connection, name);
  } catch (error) {
    throw commitError(error, name);
  } finally {
    await connection.release();
  }
}
