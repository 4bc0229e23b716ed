import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../../../../../src/application/ports/logger.js';
import type { Entry } from '../../../../../../src/domain/entry.js';
import type { Place } from '../../../../../../src/infrastructure/storage/engines/engine.js';
import { engine, LmdbOptions } from '../../../../../../src/infrastructure/storage/engines/lmdb/engine.js';
import type { LmdbStore } from '../../../../../../src/infrastructure/storage/engines/lmdb/lmdb-store.js';

/** Runs with an empty store's place in a new folder, and removes the folder. */
export async function withPlace(run: (place: Place) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  try {
    const place = { folder, name: 'project' };
    await engine.create(place, new LmdbOptions());
    await run(place);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens the store; `lines` collects what it logs. */
export async function openStore(place: Place, lines: string[] = []): Promise<LmdbStore> {
  const note = (_members: object, message: string) => void lines.push(message);
  const log: Logger = { error: note, warn: note, info: note, debug: note };
  return (await engine.open(place, new LmdbOptions(), log)) as LmdbStore;
}

export function dataOf(place: Place): string {
  return join(place.folder, `${place.name}.lmdb`, 'data.mdb');
}

/** The n-th entry of a series: every third expires, every tenth is long enough for pages of its own. */
export function sample(n: number): Entry {
  const entry = {
    key: `key ${n}`,
    value: Buffer.alloc(n % 10 === 0 ? 9000 : n % 200, `value ${n} `),
    contentType: 'text/plain',
    version: 1_700_000_000_000_000 + n,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000 + (n % 2),
  };
  return n % 3 === 0 ? { ...entry, expiresAt: 1_800_000_000_000 + n } : entry;
}
