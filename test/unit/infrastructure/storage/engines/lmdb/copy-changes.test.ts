import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Entry } from '../../../../../../src/domain/entry.js';
import { Inspection } from '../../../../../../src/infrastructure/storage/building-blocks/inspection.js';
import type { KeyWrite } from '../../../../../../src/infrastructure/storage/building-blocks/write-group.js';
import { LayerCopy } from '../../../../../../src/infrastructure/storage/engines/lmdb/checkpoint/copy-changes.js';
import { PendingLayers } from '../../../../../../src/infrastructure/storage/engines/lmdb/checkpoint/pending-layers.js';
import { engine, LmdbOptions } from '../../../../../../src/infrastructure/storage/engines/lmdb/engine.js';
import {
  closeEnvironment,
  openEnvironment,
} from '../../../../../../src/infrastructure/storage/engines/lmdb/environment/environment.js';
import { metadataAfter } from '../../../../../../src/infrastructure/storage/engines/lmdb/environment/metadata.js';
import { metadataIn } from '../../../../../../src/infrastructure/storage/engines/lmdb/environment/stored-metadata.js';
import type { LmdbStore } from '../../../../../../src/infrastructure/storage/engines/lmdb/lmdb-store.js';
import type { Location } from '../../../../../../src/infrastructure/storage/engines/location.js';
import { dataOf, openStore, sample, withLocation } from './lmdb-fixture.js';

/** Several slices of changes: every eleventh entry of the first half is removed. */
const BEFORE = Array.from({ length: 3_000 }, (_, i) => sample(i));
const AFTER = Array.from({ length: 6_000 }, (_, i) => ({ ...sample(2 * i), value: Buffer.from(`new ${i}`) }));
const REMOVED = BEFORE.filter((_, i) => i % 11 === 5).map(({ key }) => key);

describe('What is pending of an lmdb store', () => {
  for (const slices of [0, 1, 2, 3]) {
    it(`is all there, and counted, if a crash leaves ${slices} of its slices in LMDB`, () =>
      withLocation(async (location) => {
        const killed = await killedBeforeCopy(location);
        const writes = await copySlices(killed.location, killed.writes, slices);
        expect(writes).to.be.greaterThan(2_000 * slices);
        const inspection = new Inspection(() => undefined);
        await engine.maintenance?.inspect(killed.location, new LmdbOptions(), inspection);
        expect(inspection.damages).to.deep.equal([]);
        const again = await openStore(killed.location);
        expect(await content(again)).to.deep.equal(killed.content);
        expect(again.size()).to.deep.equal(killed.size);
        expect((await again.expiring(Number.MAX_SAFE_INTEGER, 99_999)).length).to.equal(killed.expiring);
        await again.close();
        const last = await openStore(killed.location);
        expect(last.size()).to.deep.equal(killed.size);
        expect(await content(last)).to.deep.equal(killed.content);
        await last.close();
      }));
  }
});

/** A copy of the files of a store of which nothing since `BEFORE` is in LMDB, and what it holds. */
async function killedBeforeCopy(location: Location) {
  const store = await openStore(location);
  await store.commit({ put: BEFORE });
  await store.close();
  const writer = await openStore(location);
  for (let i = 0; i < AFTER.length; i += 1_000) await writer.commit({ put: AFTER.slice(i, i + 1_000) });
  await writer.commit({ remove: REMOVED });
  const other = { ...location, folder: join(location.folder, 'killed') };
  await cp(dirname(dataOf(location)), dirname(dataOf(other)), { recursive: true });
  const all = new Map<string, Entry | undefined>(AFTER.map((entry) => [entry.key, entry]));
  for (const key of REMOVED) all.set(key, undefined);
  const before = new Map(BEFORE.map((entry) => [entry.key, headerOf(entry)]));
  const writes = [...all].map(([key, entry]): KeyWrite => ({ key, before: before.get(key), entry }));
  const expiring = (await writer.expiring(Number.MAX_SAFE_INTEGER, 99_999)).length;
  const killed = { location: other, writes, content: await content(writer), size: writer.size(), expiring };
  await writer.close();
  return killed;
}

/** Copies so many slices, and returns how many keys are pending. */
async function copySlices(location: Location, writes: readonly KeyWrite[], slices: number): Promise<number> {
  const env = openEnvironment(dirname(dataOf(location)), false);
  const layers = new PendingLayers();
  layers.add(writes, 1_000_000);
  const copy = new LayerCopy(env, layers.seal(metadataAfter(metadataIn(env), writes)));
  for (let i = 0; i < slices; i++) await copy.copyNext();
  expect(copy.isDone).to.equal(false);
  await closeEnvironment(env, false);
  return writes.length;
}

async function content(store: LmdbStore): Promise<Map<string, Entry>> {
  return new Map((await store.scan({ limit: 99_999 })).map((entry) => [entry.key, entry]));
}

function headerOf({ key, value, version, expiresAt, meta = '' }: Entry): KeyWrite['before'] {
  return { version, bytes: key.length + value.length + meta.length, expiresAt };
}
