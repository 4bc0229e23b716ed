import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Entry } from '../../../../../../src/domain/entry.js';
import { AppError } from '../../../../../../src/domain/errors.js';
import type {
  EntryCheck,
  RepairResult,
} from '../../../../../../src/infrastructure/storage/building-blocks/repair-result.js';
import { checkFile } from '../../../../../../src/infrastructure/storage/engines/lmdb/check-file.js';
import { engine, LmdbOptions } from '../../../../../../src/infrastructure/storage/engines/lmdb/engine.js';
import type { Location } from '../../../../../../src/infrastructure/storage/engines/location.js';
import { dataOf, openStore, sample, withLocation } from './lmdb-fixture.js';

const PAGE = 4096;
const COUNT = 1000;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;

describe('The repair of an lmdb store', () => {
  it('changes no entry of a store that is sound', () =>
    expectRepair(
      (file) => file,
      ({ lost, missing }) => {
        expect(missing).to.deep.equal([]);
        expect(lost).to.deep.equal([]);
      },
    ));

  for (const [name, harm] of Object.entries({
    'one meta page is lost': (file: Buffer) => zero(file, 0),
    'the other meta page is lost': (file: Buffer) => zero(file, 1),
    'both meta pages are lost': (file: Buffer) => zero(zero(file, 0), 1),
    'the page that lists the trees is lost': (file: Buffer) => zero(file, listOfTrees(file)),
    'every branch page is lost': (file: Buffer) => pagesOf(file, BRANCH).reduce(zero, file),
    'every branch page and the list of trees are lost': (file: Buffer) =>
      [...pagesOf(file, BRANCH), listOfTrees(file)].reduce(zero, file),
  })) {
    it(`gives back every entry, and none that was deleted, if ${name}`, () =>
      expectRepair(harm, ({ missing, stale }) => {
        expect(missing).to.deep.equal([]);
        expect(stale).to.deep.equal([]);
      }));
  }

  it('says that deleted entries may be back if the list of free pages is lost as well', () =>
    expectRepair(
      (file) => [0, 1, ...pagesOf(file, BRANCH)].reduce(zero, file),
      ({ missing, lost }) => {
        expect(missing).to.deep.equal([]);
        expect(lost.join()).to.match(/deleted or replaced may be back/);
      },
    ));

  it('names the key of an entry whose value is lost', () =>
    expectRepair(
      (file) => {
        file.fill(0, file.indexOf('value 500 value 500'), file.indexOf('value 500 value 500') + 9000);
        return file;
      },
      ({ lost, missing }) => {
        expect(missing).to.deep.equal(['key 500']);
        expect(lost[0]).to.match(/data\.mdb: key "key 500": it is damaged/);
        expect(lost[1]).to.match(/it had \d+ entries, \d+ could be read/);
      },
    ));

  it('names the range of the keys on a page that is lost', () =>
    expectRepair(
      (file) => zero(file, Math.floor(file.lastIndexOf('value 333 ') / PAGE)),
      ({ lost, missing }) => {
        expect(missing).to.include('key 333');
        const [, low = '', high = ''] = /a page with the keys from "(.*)" to before "(.*)"/.exec(lost[0] ?? '') ?? [];
        for (const key of missing) expect(key >= low && key < high, key).to.equal(true);
      },
    ));

  it('gives back what is before the end of a file that was cut', () =>
    expectRepair(
      (file) => file.subarray(0, file.length / 2 + 100),
      ({ found, lost }) => {
        expect(found.size).to.be.greaterThan(100);
        expect(lost).not.to.deep.equal([]);
      },
    ));

  it('leaves an empty store of an empty file', () =>
    expectRepair(
      () => Buffer.alloc(0),
      ({ found }) => expect(found.size).to.equal(0),
    ));

  it('leaves out what the check refuses, and names it', () =>
    withLocation(async (location) => {
      await fill(location);
      const { entries, lost } = await repair(location, ({ key }) => (key === 'key 7' ? 'it was changed' : undefined));
      expect(lost[0]).to.match(/key "key 7": it was changed/);
      expect((await contentOf(location)).size).to.equal(entries);
    }));

  it('can be repeated after it was ended by a crash', () =>
    withLocation(async (location) => {
      const before = await fill(location);
      await mkdir(join(dirname(dataOf(location)), 'repaired'));
      await writeFile(join(dirname(dataOf(location)), 'repaired', 'data.mdb'), 'unfinished');
      await repair(location);
      expect(await contentOf(location)).to.deep.equal(before);
      expect(await readdir(dirname(dataOf(location)))).not.to.include('repaired');
    }));

  it('changes nothing if the file is missing, a link, or of another version', () =>
    withLocation(async (location) => {
      const file = dataOf(location);
      const sound = await readFile(file);
      const later = Buffer.from(sound);
      for (let at = later.indexOf('"format":3'); at >= 0; at = later.indexOf('"format":3')) later.write('9', at + 9);
      await writeFile(file, later);
      await expectRefusal(location, /data\.mdb has the format 9, which another version wrote/);
      expect((await readFile(file)).equals(later)).to.equal(true);
      await rename(file, `${file}.elsewhere`);
      await symlink(`${file}.elsewhere`, file);
      await expectRefusal(location, /no ordinary file/);
      await rm(file);
      await expectRefusal(location, /data\.mdb is missing/);
      expect(await readdir(location.folder)).to.deep.equal(['project.lmdb']);
    }));
});

interface Repaired {
  readonly found: ReadonlyMap<string, string>;
  readonly lost: readonly string[];
  /** Keys of entries that are not there as they were. */
  readonly missing: readonly string[];
  /** Keys of entries that were there earlier only. */
  readonly stale: readonly string[];
}

/** Repairs a store after `harm`, expects that it is sound and that the damaged file is kept, and then `expectation`. */
function expectRepair(harm: (file: Buffer) => Buffer, expectation: (repaired: Repaired) => void): Promise<void> {
  return withLocation(async (location) => {
    const before = await fill(location);
    const file = dataOf(location);
    const harmed = harm(await readFile(file));
    await writeFile(file, harmed);
    const { entries, lost, kept } = await repair(location);
    expect(kept).to.have.length(1);
    expect((await readFile(join(kept[0] ?? '', 'data.mdb'))).equals(harmed), 'the damaged file is kept').to.equal(true);
    checkFile(file);
    const found = await contentOf(location);
    expect(found.size).to.equal(entries);
    const missing = [...before].filter(([key, text]) => found.get(key) !== text).map(([key]) => key);
    const stale = [...found].filter(([key, text]) => before.get(key) !== text).map(([key]) => key);
    expectation({ found, lost, missing, stale });
  });
}

async function repair(location: Location, check: EntryCheck = () => undefined): Promise<RepairResult> {
  const repaired = await engine.maintenance?.repair?.(location, new LmdbOptions(), check);
  if (repaired === undefined) throw new Error('lmdb cannot be repaired');
  return repaired;
}

async function expectRefusal(location: Location, message: RegExp): Promise<void> {
  const error = await repair(location).catch((it: unknown) => it);
  expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
  expect((error as Error).message).to.match(message);
}

/** Fills the store by several commits, which also replace and remove, and returns its content. */
async function fill(location: Location): Promise<Map<string, string>> {
  const store = await openStore(location);
  for (let i = 0; i < COUNT; i += 100) {
    await store.commit({ put: Array.from({ length: 100 }, (_, j) => ({ ...sample(i + j), version: 1 + i })) });
    await store.commit({ put: Array.from({ length: 20 }, (_, j) => sample(i + j * 5)) });
    await store.commit({ remove: [`key ${i + 1}`, `key ${i + 10}`] });
  }
  await store.close();
  return contentOf(location);
}

async function contentOf(location: Location): Promise<Map<string, string>> {
  const store = await openStore(location);
  const asText = (it: Entry) => JSON.stringify({ ...it, value: Buffer.from(it.value).toString('latin1') });
  const content = new Map((await store.scan({ limit: 10 * COUNT })).map((entry) => [entry.key, asText(entry)]));
  await store.close();
  return content;
}

function zero(file: Buffer, page: number): Buffer {
  return file.fill(0, page * PAGE, (page + 1) * PAGE);
}

function pagesOf(file: Buffer, kind: number): number[] {
  const found: number[] = [];
  for (let page = 2; page < file.length / PAGE; page++) {
    const flags = file.readUInt16LE(page * PAGE + 18);
    if (flags === OVERFLOW) page += file.readUInt32LE(page * PAGE + 20) - 1;
    else if (flags === kind && file.readBigUInt64LE(page * PAGE) === BigInt(page)) found.push(page);
  }
  return found;
}

/** The page that lists the trees, of the last commit. */
function listOfTrees(file: Buffer): number {
  const newest = file.readBigUInt64LE(152) > file.readBigUInt64LE(PAGE + 152) ? 0 : PAGE;
  const root = Number(file.readBigUInt64LE(newest + 136));
  expect(pagesOf(file, LEAF)).to.include(root);
  return root;
}
