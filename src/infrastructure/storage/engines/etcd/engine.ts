import { randomUUID } from 'node:crypto';
import { AppError } from '../../../../domain/errors.js';
import type { Engine } from '../engine.js';
import type { Location } from '../location.js';
import { type Connections, connectionsFor } from './client/clients.js';
import { readError, refusalOf } from './client/etcd-error.js';
import { EtcdOptions } from './client/etcd-options.js';
import { type KeyValue, unchanged } from './client/messages.js';
import { foldOldCounters, settleEarlier } from './counters.js';
import { EtcdStore } from './etcd-store.js';
import { type Fence, fence, fencedBy, unfence } from './fence.js';
import { goneError, OpenStore } from './open-store.js';
import { serverDurability } from './server-status.js';
import { StoreKeys, storePrefix } from './store-keys.js';
import { ValueChunks } from './value-chunks.js';

/** The layout of the keys. A store of a higher one was made by a later PortKV, and is not opened. */
const FORMAT = 1;

/** What says that a store exists. */
interface Existence {
  readonly format: number;
  readonly project: string;
  /** Of the call that made it. */
  readonly id: string;
}

/** Keys of an etcd cluster, under a prefix for each project. */
export const engine: Engine<EtcdOptions> = {
  Options: EtcdOptions,
  tuning: ['tls', 'tls_ca_file', 'timeout', 'max_txn_ops', 'max_request_bytes', 'quota_bytes'],

  async open(location, options) {
    const name = await storePrefix(location, options.prefix);
    const connections = await connectionsFor(options);
    try {
      await connections.requireLimits();
      const keys = new StoreKeys(name);
      const row = await existenceOf(connections, keys, name, options.timeout);
      const store = new OpenStore(name, keys, connections, options, row.modRevision);
      await store.reading(async () => {
        await settleEarlier(store);
        await foldOldCounters(store);
        await new ValueChunks(store).removeLeftOver();
      });
      return new EtcdStore(store);
    } catch (error) {
      await connections.release();
      throw error;
    }
  },

  create: (location, options) =>
    withCluster(location, options, async ({ client, requireLimits }, keys, name) => {
      await requireLimits();
      const made: Existence = { format: FORMAT, project: location.project, id: randomUUID() };
      const key = keys.existence;
      const { succeeded, responses } = await client.txn(
        {
          compare: [unchanged(key, 0)],
          success: [{ put: { key, value: Buffer.from(JSON.stringify(made)) } }],
          failure: [{ range: { key } }],
        },
        { timeout: options.timeout, repeatable: true },
      );
      const [row] = responses[0]?.range?.kvs ?? [];
      // The first of two attempts may have made it.
      if (succeeded || (row !== undefined && parse(row).id === made.id)) return;
      throw new AppError('unavailable', `etcd has a store ${name} already`);
    }),

  remove: (location, options) =>
    withCluster(location, options, async ({ client }, keys) => {
      const [key, rangeEnd] = keys.all;
      const request = { compare: [], success: [{ remove: { key, rangeEnd } }] };
      await client.txn(request, { timeout: options.timeout, repeatable: true });
    }),

  server: {
    fence: (location, options, token) =>
      withFence(location, options, (connections, it) => fence(connections, it, token)),

    fencedBy: (location, options) => withFence(location, options, fencedBy),

    unfence: (location, options, token) =>
      withFence(location, options, (connections, it) => unfence(connections, it, token)),

    async durability(options) {
      const connections = await connectionsFor(options);
      try {
        return await serverDurability(connections, options);
      } finally {
        await connections.release();
      }
    },
  },
};

/** The row that says that the store exists. Rejects if it is missing, or was made by a later PortKV. */
async function existenceOf(
  { client }: Connections,
  { existence }: StoreKeys,
  name: string,
  timeout: number,
): Promise<KeyValue> {
  const request = { compare: [], success: [{ range: { key: existence } }] };
  const { responses } = await client.txn(request, { timeout, repeatable: true }).catch((error: unknown) => {
    throw readError(error, name);
  });
  const [row] = responses[0]?.range?.kvs ?? [];
  if (row === undefined) throw goneError(name);
  const { format } = parse(row);
  if (format > FORMAT) {
    const message = `${name} was made by a later version of PortKV (format ${format}): use that one`;
    throw new AppError('unavailable', message, { isPermanent: true });
  }
  return row;
}

/** Runs a task with connections. Rejects with `unavailable` or `insufficient_storage`. */
async function withCluster<T>(
  location: Location,
  options: EtcdOptions,
  task: (connections: Connections, keys: StoreKeys, name: string) => Promise<T>,
): Promise<T> {
  const name = await storePrefix(location, options.prefix);
  const connections = await connectionsFor(options);
  try {
    return await task(connections, new StoreKeys(name), name);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw refusalOf(error, name) ?? readError(error, name);
  } finally {
    await connections.release();
  }
}

function withFence<T>(
  location: Location,
  options: EtcdOptions,
  task: (connections: Connections, fence: Fence) => Promise<T>,
): Promise<T> {
  const { timeout } = options;
  return withCluster(location, options, (connections, { fence: key }, store) =>
    task(connections, { store, key, timeout }),
  );
}

function parse({ value }: KeyValue): Existence {
  return JSON.parse(value.toString()) as Existence;
}
