import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Logger } from '../../../../../../src/application/ports/logger.js';
import { type Entry, entryBytes } from '../../../../../../src/domain/entry.js';
import { encodeRecord } from '../../../../../../src/infrastructure/storage/building-blocks/entry-record.js';
import { recordClose } from '../../../../../../src/infrastructure/storage/engines/lmdb/clean-shutdown.js';
import { engine, LmdbOptions } from '../../../../../../src/infrastructure/storage/engines/lmdb/engine.js';
import {
  closeEnvironment,
  type Environment,
  openEnvironment,
} from '../../../../../../src/infrastructure/storage/engines/lmdb/environment/environment.js';
import {
  formatMetadata,
  METADATA_KEY,
} from '../../../../../../src/infrastructure/storage/engines/lmdb/environment/metadata.js';
import type { LmdbStore } from '../../../../../../src/infrastructure/storage/engines/lmdb/lmdb-store.js';
import { dataName, type Location } from '../../../../../../src/infrastructure/storage/engines/location.js';

/** Runs with the location of an empty store in a new folder, and removes the folder. */
export async function withLocation(run: (location: Location) => Promise<void>, parent = tmpdir()): Promise<void> {
  const folder = await mkdtemp(join(parent, 'portkv-'));
  try {
    const location = { project: 'project', generation: 1, folder };
    await engine.create(location, new LmdbOptions());
    await run(location);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens the store; `lines` collects what it logs. */
export async function openStore(location: Location, lines: string[] = []): Promise<LmdbStore> {
  const note = (_members: object, message: string) => void lines.push(message);
  const log: Logger = { error: note, warn: note, info: note, debug: note };
  return (await engine.open(location, new LmdbOptions(), log)) as LmdbStore;
}

export function dataOf(location: Location): string {
  return join(location.folder, `${dataName(location)}.lmdb`, 'data.mdb');
}

/**
 * The n-th entry of a series: every third expires, every seventh has metadata, every tenth is long enough for pages of
 * its own.
 */
export function sample(n: number): Entry {
  const plain = {
    key: `key ${n}`,
    value: Buffer.alloc(n % 10 === 0 ? 9000 : n % 200, `value ${n} `),
    contentType: 'text/plain',
    version: 1_700_000_000_000_000 + n,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000 + (n % 2),
  };
  const entry = n % 7 === 0 ? { ...plain, meta: `{"n":${n}}` } : plain;
  return n % 3 === 0 ? { ...entry, expiresAt: 1_800_000_000_000 + n } : entry;
}

/**
 * Writes the file as a PortKV did that kept no journal: each commit is one transaction of LMDB.
 */
export class StoreWithoutJournal {
  readonly #env: Environment;
  readonly #stored = new Map<string, Entry>();

  /** The store has to be empty. */
  constructor(private readonly location: Location) {
    this.#env = openEnvironment(dirname(dataOf(location)), false);
  }

  async commit(put: readonly Entry[], remove: readonly string[] = []): Promise<void> {
    const { entries, expiry, meta } = this.#env;
    await this.#env.commit(() => {
      for (const key of remove) {
        this.#forget(key, undefined);
        entries.remove(key);
        this.#stored.delete(key);
      }
      for (const entry of put) {
        const { key, expiresAt } = entry;
        const before = this.#forget(key, expiresAt);
        entries.put(key, encodeRecord(entry));
        if (expiresAt !== undefined && expiresAt !== before) expiry.put({ expiresAt, key }, Buffer.alloc(0));
        this.#stored.set(key, entry);
      }
      const all = [...this.#stored.values()];
      const bytes = all.reduce((sum, entry) => sum + entryBytes(entry), 0);
      meta.put(METADATA_KEY, formatMetadata({ keys: all.length, bytes, hasMeta: all.some((it) => it.meta) }));
    });
  }

  async close(): Promise<void> {
    await closeEnvironment(this.#env, false);
    await recordClose(dirname(dataOf(this.location)));
  }

  /** Takes a key that expires otherwise out of the index; returns when it expired. */
  #forget(key: string, expiresAt: number | undefined): number | undefined {
    const before = this.#stored.get(key)?.expiresAt;
    if (before !== undefined && before !== expiresAt) this.#env.expiry.remove({ expiresAt: before, key });
    return before;
  }
}
