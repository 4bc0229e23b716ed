import { lstat, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../../../../src/domain/errors.js';
import { engine, LmdbOptions } from '../../../../../../src/infrastructure/storage/engines/lmdb/engine.js';
import type { LmdbStore } from '../../../../../../src/infrastructure/storage/engines/lmdb/lmdb-store.js';
import type { Location } from '../../../../../../src/infrastructure/storage/engines/location.js';
import { dataOf, openStore, sample, withLocation } from './lmdb-fixture.js';

const PAGE = 4096;

describe('opening an lmdb store', () => {
  it('is refused if the folder or the file is missing, and makes nothing', () =>
    withLocation(async (location) => {
      await rm(dataOf(location));
      await expectRefusal(location, /data\.mdb: the file is missing/);
      await rm(dirname(dataOf(location)), { recursive: true });
      await expectRefusal(location, /data\.mdb: the folder is missing/);
      expect(await lstat(dirname(dataOf(location))).catch(() => undefined)).to.equal(undefined);
    }));

  it('is refused if the folder, the data or the lock is a symbolic link', async () => {
    for (const name of ['', '/data.mdb', '/lock.mdb']) {
      await withLocation(async (location) => {
        const path = dirname(dataOf(location)) + name;
        await rename(path, `${path}.elsewhere`);
        await symlink(`${path}.elsewhere`, path);
        await expectRefusal(location, /it is no ordinary (file|folder)/);
      });
    }
  });

  it('makes a folder and files that only the owner can read', () =>
    withLocation(async (location) => {
      const folder = dirname(dataOf(location));
      expect((await stat(folder)).mode & 0o777).to.equal(0o700);
      for (const name of ['data.mdb', 'lock.mdb', 'closed']) {
        expect((await stat(`${folder}/${name}`)).mode & 0o777, name).to.equal(0o600);
      }
    }));

  it('fails to create if something is there already, and leaves it', () =>
    withLocation(async (location) => {
      const before = await readFile(dataOf(location));
      const error = await engine.create(location, new LmdbOptions()).catch((it: unknown) => it);
      expect(error).to.be.instanceOf(Error);
      expect(before.equals(await readFile(dataOf(location)))).to.equal(true);
    }));

  it('reads the whole file unless it was closed cleanly and not changed since', () =>
    withLocation(async (location) => {
      expect(await logged(location), 'as created').to.deep.equal([]);
      expect(await logged(location), 'as closed').to.deep.equal([]);
      await writeFile(dataOf(location), await readFile(dataOf(location)));
      expect(await logged(location), 'touched').to.have.length(1);
      expect(await logged(location), 'closed again').to.deep.equal([]);
      await rm(`${dirname(dataOf(location))}/closed`);
      expect(await logged(location), 'never closed').to.have.length(1);
    }));

  for (const [name, harm] of Object.entries(harms())) {
    it(`never crashes, and never serves wrong data, when ${name}`, () =>
      withLocation(async (location) => {
        const before = await fill(location);
        const file = dataOf(location);
        const harmed = harm(await readFile(file));
        await writeFile(file, harmed);
        const store = await openStore(location).catch((it: unknown) => it);
        if (store instanceof Error) {
          expect(store).to.be.instanceOf(AppError).with.property('code', 'unavailable');
          expect(store.message)
            .to.include(file)
            .and.to.match(/Restore a snapshot/);
          expect(harmed.equals(await readFile(file)), 'the file is as it was').to.equal(true);
        } else {
          expect(await content(store as LmdbStore)).to.deep.equal(before);
          await (store as LmdbStore).close();
        }
      }));
  }

  it('accepts a meta page that LMDB took back only if the file was not closed, and rewrites it', () =>
    withLocation(async (location) => {
      const before = await fill(location);
      await writeFile(dataOf(location), takeBack(await readFile(dataOf(location))));
      await expectRefusal(location, /the main tree is not that of transaction/);
      await rm(`${dirname(dataOf(location))}/closed`);
      for (const when of ['at once', 'mended']) {
        const store = await openStore(location);
        expect(await content(store), when).to.deep.equal(before);
        await store.close();
      }
    }));

  it('finds a flipped bit in every page that holds data', () =>
    withLocation(async (location) => {
      await fill(location);
      const file = dataOf(location);
      const sound = await readFile(file);
      let refused = 0;
      for (let at = 2 * PAGE + 8; at < sound.length; at += 7 * PAGE) {
        const harmed = Buffer.from(sound);
        harmed[at + 2000] = (harmed[at + 2000] ?? 0) ^ 1;
        await writeFile(file, harmed);
        const store = await openStore(location).catch(() => undefined);
        if (store === undefined) refused++;
        await store?.close();
      }
      expect(refused).to.be.greaterThan(20);
    }));
});

/** What can happen to a file, by name. */
function harms(): Record<string, (file: Buffer) => Buffer> {
  const list: Record<string, (file: Buffer) => Buffer> = {
    'the file is empty': () => Buffer.alloc(0),
    'the file is garbage': (file) => Buffer.alloc(file.length, 'garbage '),
    'the meta pages are swapped': (file) =>
      Buffer.concat([file.subarray(PAGE, 2 * PAGE), file.subarray(0, PAGE), file.subarray(2 * PAGE)]),
    'the newer meta page claims to be older': (file) => {
      const newer = file.readBigUInt64LE(152) > file.readBigUInt64LE(PAGE + 152) ? 0 : PAGE;
      file.writeBigUInt64LE(file.readBigUInt64LE(newer + 152) - 2n, newer + 152);
      return file;
    },
  };
  for (const share of [0, 0.01, 0.25, 0.5, 0.75, 0.99]) {
    list[`the file is cut at ${share * 100} %`] = (file) => file.subarray(0, Math.floor(share * file.length) + 100);
    list[`the page at ${share * 100} % is zeroed`] = (file) =>
      file.fill(0, pageAt(file, share), pageAt(file, share) + PAGE);
    list[`the page at ${share * 100} % is inverted`] = (file) => {
      for (let i = pageAt(file, share); i < pageAt(file, share) + PAGE; i++) file[i] = (file[i] ?? 0) ^ 0xff;
      return file;
    };
    list[`the page at ${share * 100} % is another's`] = (file) => {
      file.copy(file, pageAt(file, share), pageAt(file, 0.6), pageAt(file, 0.6) + PAGE);
      return file;
    };
  }
  return list;
}

/** The file as LMDB leaves it when it cannot write a meta page: the older one has new trees, and its number. */
function takeBack(file: Buffer): Buffer {
  const [older, newer] = file.readBigUInt64LE(152) < file.readBigUInt64LE(PAGE + 152) ? [0, PAGE] : [PAGE, 0];
  file.copy(file, older + 48, newer + 48, newer + 144);
  return file;
}

function pageAt(file: Buffer, share: number): number {
  return Math.floor((share * file.length) / PAGE) * PAGE;
}

async function fill(location: Location): Promise<unknown> {
  const store = await openStore(location);
  for (let i = 0; i < 1000; i += 100) {
    await store.commit({ put: Array.from({ length: 100 }, (_, j) => sample(i + j)) });
    await store.commit({ remove: [`key ${i + 1}`, `key ${i + 10}`] });
  }
  const before = await content(store);
  await store.close();
  return before;
}

async function content(store: LmdbStore): Promise<unknown> {
  const entries = (await store.scan({ limit: 10_000 })).map((it) => ({
    ...it,
    value: Buffer.from(it.value).toString('latin1'),
  }));
  return { entries, expiring: await store.expiring(Number.MAX_SAFE_INTEGER, 10_000), size: store.size() };
}

async function logged(location: Location): Promise<string[]> {
  const lines: string[] = [];
  await (await openStore(location, lines)).close();
  return lines;
}

async function expectRefusal(location: Location, message: RegExp): Promise<void> {
  const error = await openStore(location).catch((it: unknown) => it);
  expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
  expect((error as Error).message).to.match(message);
}
