import { access, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Entry } from '../../../../../../src/domain/entry.js';
import { Inspection } from '../../../../../../src/infrastructure/storage/building-blocks/inspection.js';
import { engine, LmdbOptions } from '../../../../../../src/infrastructure/storage/engines/lmdb/engine.js';
import type { LmdbStore } from '../../../../../../src/infrastructure/storage/engines/lmdb/lmdb-store.js';
import type { Location } from '../../../../../../src/infrastructure/storage/engines/location.js';
import { dataOf, openStore, StoreWithoutJournal, sample, withLocation } from './lmdb-fixture.js';

const SERIES = Array.from({ length: 40 }, (_, i) => sample(i));

describe('The journal of an lmdb store', () => {
  it('has what was committed since the last transaction, in whatever state a kill leaves the files', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      for (const entry of SERIES) await store.commit({ put: [entry] });
      await store.commit({ remove: ['key 3', 'key 6'] });
      const before = await content(store);
      await afterKill(location, async (killed) => {
        const again = await openStore(killed);
        expect(await content(again)).to.deep.equal(before);
        expect(again.size()).to.deep.equal(store.size());
        await again.close();
        expect(await has(journalOf(killed))).to.equal(false);
      });
      await store.close();
      expect(await has(journalOf(location))).to.equal(false);
    }));

  it('is read from the frame on that LMDB has not: earlier ones change nothing', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      for (const entry of SERIES) await store.commit({ put: [entry] });
      await cp(journalOf(location), `${journalOf(location)}.kept`, { recursive: true });
      await store.commit({ remove: ['key 1', 'key 2'] });
      const before = await content(store);
      await store.close();
      await cp(`${journalOf(location)}.kept`, journalOf(location), { recursive: true });
      const again = await openStore(location);
      expect(await content(again)).to.deep.equal(before);
      await again.commit({ put: [sample(1)] });
      await again.close();
      const last = await openStore(location);
      expect((await content(last)).get('key 1')).to.deep.equal(sample(1));
      await last.close();
    }));

  it('is read by what opens the store to read only, inspects or repairs it', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      await store.commit({ put: SERIES });
      await store.close();
      const writer = await openStore(location);
      await writer.commit({ put: [sample(100)], remove: ['key 5'] });
      const before = await content(writer);
      await afterKill(location, async (killed) => {
        const files = await readdir(dirname(dataOf(killed)), { recursive: true });
        const reader = await engine.localFiles?.openReadOnly(killed, new LmdbOptions(), silent);
        expect(await content(reader as LmdbStore)).to.deep.equal(before);
        await reader?.close();
        const inspection = new Inspection(({ key }) => (key === 'key 100' ? 'key 100 is wrong' : undefined));
        await engine.maintenance?.inspect(killed, new LmdbOptions(), inspection);
        expect(inspection.damages).to.deep.equal(['key 100 is wrong']);
        expect(await readdir(dirname(dataOf(killed)), { recursive: true })).to.deep.equal(files);
        const repaired = await engine.maintenance?.repair(killed, new LmdbOptions(), () => undefined);
        expect(repaired?.lost).to.deep.equal([]);
        expect(repaired?.entries).to.equal(before.size);
        expect(await has(journalOf(killed))).to.equal(false);
        const again = await openStore(killed);
        expect(await content(again)).to.deep.equal(before);
        await again.close();
      });
      await writer.close();
    }));

  it('refuses to open a store of which a frame is damaged, and the repair keeps all others', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      for (const entry of SERIES) await store.commit({ put: [entry] });
      const before = await content(store);
      await afterKill(location, async (killed) => {
        await damage(journalOf(killed), 'value 17 ');
        const refusal = await openStore(killed).catch((error: Error) => error.message);
        expect(refusal).to.match(/\.segment is damaged at byte \d+/);
        const inspection = new Inspection(() => undefined);
        await engine.maintenance?.inspect(killed, new LmdbOptions(), inspection);
        expect(inspection.damages.join()).to.match(/\.segment is damaged at byte \d+/);
        const repaired = await engine.maintenance?.repair(killed, new LmdbOptions(), () => undefined);
        expect(repaired?.lost.join()).to.match(/\.segment: bytes \d+ to \d+/);
        const again = await openStore(killed);
        before.delete('key 17');
        expect(await content(again)).to.deep.equal(before);
        await again.close();
      });
      await store.close();
    }));

  it('is begun again if another program takes it away', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      await store.commit({ put: [sample(1)] });
      await rm(journalOf(location), { recursive: true });
      await store.commit({ put: [sample(2)] });
      await afterKill(location, async (killed) => {
        const again = await openStore(killed);
        expect([...(await content(again)).keys()]).to.deep.equal(['key 1', 'key 2']);
        await again.close();
      });
      await store.close();
    }));
});

describe('An lmdb store of a PortKV that kept no journal', () => {
  it('opens as it is, and is refused by that PortKV from the first write on', () =>
    withLocation(async (location) => {
      await fillWithoutJournal(location, SERIES);
      const store = await openStore(location);
      const before = new Map(SERIES.map((entry) => [entry.key, entry]));
      expect(await content(store)).to.deep.equal(before);
      expect(await formats(location))
        .to.include('"format":2')
        .and.not.include('"format":4');
      await store.commit({ put: [sample(100)], remove: ['key 3'] });
      expect(await formats(location)).to.include('"format":4');
      before.set('key 100', sample(100)).delete('key 3');
      await afterKill(location, async (killed) => {
        const again = await openStore(killed);
        expect(await content(again)).to.deep.equal(before);
        await again.close();
      });
      await store.close();
      const again = await openStore(location);
      expect(await content(again)).to.deep.equal(before);
      await again.close();
    }));

  it('keeps its format while it is only read', () =>
    withLocation(async (location) => {
      await fillWithoutJournal(location, SERIES);
      await (await openStore(location)).close();
      expect(await formats(location))
        .to.include('"format":2')
        .and.not.include('"format":4');
    }));
});

const nothing = () => undefined;
const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing };

async function content(store: LmdbStore): Promise<Map<string, Entry>> {
  const entries = await store.scan({ limit: Number.POSITIVE_INFINITY });
  return new Map(entries.map((entry) => [entry.key, { ...entry, value: Buffer.from(entry.value) }]));
}

/** Runs with the location of a copy of the files as they are now: what a killed process leaves. */
async function afterKill(location: Location, run: (killed: Location) => Promise<void>): Promise<void> {
  const folder = join(location.folder, 'killed');
  await mkdir(folder);
  const name = 'project.lmdb';
  await cp(join(location.folder, name), join(folder, name), { recursive: true });
  await run({ ...location, folder });
}

/** Changes a byte of these where the journal has them. */
async function damage(journal: string, bytes: string): Promise<void> {
  for (const name of await readdir(journal)) {
    const segment = await readFile(join(journal, name));
    const at = segment.indexOf(bytes);
    if (at < 0) continue;
    segment.write('X', at);
    await writeFile(join(journal, name), segment);
  }
}

/** Makes the file that such a PortKV leaves when it is stopped. */
async function fillWithoutJournal(location: Location, entries: readonly Entry[]): Promise<void> {
  const store = new StoreWithoutJournal(location);
  await store.commit(entries);
  await store.close();
}

async function formats(location: Location): Promise<string[]> {
  return [...new Set((await readFile(dataOf(location), 'latin1')).match(/"format":\d/g))];
}

function journalOf(location: Location): string {
  return join(dirname(dataOf(location)), 'journal');
}

async function has(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
