import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Entry } from '../../src/domain/entry.js';
import { checkFile } from '../../src/infrastructure/storage/engines/lmdb/check-file.js';
import { readHeader } from '../../src/infrastructure/storage/engines/lmdb/pages/file-header.js';
import { namedTrees } from '../../src/infrastructure/storage/engines/lmdb/pages/named-trees.js';
import {
  childAt,
  keyAt,
  kindOf,
  LEAF,
  PageReader,
} from '../../src/infrastructure/storage/engines/lmdb/pages/page-reader.js';
import { PageWalk } from '../../src/infrastructure/storage/engines/lmdb/pages/page-walk.js';
import { repair } from '../../src/infrastructure/storage/engines/lmdb/repair.js';
import type { Location } from '../../src/infrastructure/storage/engines/location.js';
import {
  dataOf,
  openStore,
  StoreWithoutJournal,
  sample,
  withLocation,
} from '../unit/infrastructure/storage/engines/lmdb/lmdb-fixture.js';
import { checkAsyncProperty, seeded } from './harness/properties.js';

const PAGE = 4096;
const BATCH = 60;
const KEYS = 1500;

/** Bytes written over part of a page, or over all of it; another page written over it; or the end cut off. */
interface Damaged {
  readonly page: number;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly kind: 'bytes' | 'zeros' | 'noise' | 'other page' | 'meta' | 'cut';
}

const damages = fc.array(
  fc.record<Damaged>({
    page: fc.nat(),
    at: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: PAGE - 9 })),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    kind: fc.constantFrom('bytes', 'bytes', 'bytes', 'zeros', 'zeros', 'noise', 'other page', 'meta', 'cut'),
  }),
  { minLength: 1, maxLength: 6 },
);

describe(seeded('The repair of a damaged lmdb file'), () => {
  it('gives back every entry whose pages are sound, and nothing that was not written', () =>
    withLocation(async (location) => {
      const { written, current } = await fill(location);
      const file = dataOf(location);
      const sound = readFileSync(file);
      const { pagesOf, listPages } = layoutOf(file);
      expect(pagesOf.size).to.equal(current.size);
      await checkAsyncProperty(300, damages, async (all) => {
        const harmed = all.reduce(damage, Buffer.from(sound));
        writeFileSync(file, harmed);
        const isSound = (page: number) =>
          harmed.subarray(page * PAGE, page * PAGE + PAGE).equals(sound.subarray(page * PAGE, page * PAGE + PAGE));
        const { entries, lost, kept } = await repair(dirname(file), () => undefined);
        expect(readFileSync(`${kept[0]}/data.mdb`).equals(harmed), 'the damaged file is kept').to.equal(true);
        rmSync(kept[0] as string, { recursive: true });
        checkFile(file);
        const store = await openStore(location);
        const found = new Map((await store.scan({ limit: 100_000 })).map((entry) => [entry.key, asText(entry)]));
        await store.close();
        expect(found.size).to.equal(entries);
        const text = lost.join('\n');
        const mayBeStale = text.includes('may be back') || !listPages.every(isSound);
        for (const [key, entry] of found) {
          expect(written.has(entry), `${key} was written`).to.equal(true);
          if (!mayBeStale) expect(entry, `${key} was not deleted or replaced`).to.equal(current.get(key));
        }
        if (!listPages.every(isSound)) return;
        const missing = [...pagesOf].filter(
          ([key, pages]) => pages.every(isSound) && found.get(key) !== current.get(key),
        );
        expect(missing, `lost though their pages are sound: ${text}`).to.deep.equal([]);
        if (found.size < current.size) expect(lost).not.to.deep.equal([]);
      });
    }));

  // How long records are decides which pages are at the end: with these lengths, those of the last commits.
  for (const padding of [8, 10]) {
    it(`says that deleted entries may be back if no page confirms a meta page: ${padding} bytes more`, () =>
      withLocation(async (location) => {
        const { current } = await fill(location, padding);
        const file = dataOf(location);
        const sound = readFileSync(file);
        let stale = 0;
        for (const [page, transaction] of [1, 0].flatMap((one) => [256n, 257n].map((two) => [one, two] as const))) {
          for (let cut = 20; cut < 50; cut += 4) {
            const harmed = Buffer.from(sound.subarray(0, sound.length - cut * PAGE));
            harmed.writeBigUInt64LE(transaction, page * PAGE + 152);
            writeFileSync(file, harmed);
            const { lost, kept } = await repair(dirname(file), () => undefined);
            rmSync(kept[0] as string, { recursive: true });
            const store = await openStore(location);
            const old = (await store.scan({ limit: 100_000 })).filter(
              (entry) => current.get(entry.key) !== asText(entry),
            );
            await store.close();
            stale += old.length;
            if (old.length > 0) expect(lost.join(), `${cut} pages`).to.include('may be back');
          }
        }
        expect(stale, 'deleted entries that are back').to.be.above(0);
      }));
  }
});

function damage(file: Buffer, { page, at, bytes, kind }: Damaged): Buffer {
  const pages = Math.max(1, Math.ceil(file.length / PAGE));
  const start = (page % pages) * PAGE;
  if (kind === 'bytes') Buffer.from(bytes).copy(file, start + at);
  if (kind === 'zeros') file.fill(0, start, start + PAGE);
  if (kind === 'noise') file.fill(bytes, start, start + PAGE);
  if (kind === 'other page') file.copy(file, start, (at % pages) * PAGE, (at % pages) * PAGE + PAGE);
  if (kind === 'meta') Buffer.from(bytes).copy(file, (page % 2) * PAGE + (at % 168));
  // Most cuts are near the end, so that something is left.
  if (kind === 'cut') return file.subarray(0, Math.max(at, file.length - (page % 40) * PAGE));
  return file;
}

/**
 * Fills a store by many transactions that put, replace and remove: free pages have stale copies. Every fourth value
 * has `padding` bytes more.
 */
async function fill(location: Location, padding = 0): Promise<{ written: Set<string>; current: Map<string, string> }> {
  const store = new StoreWithoutJournal(location);
  const written = new Set<string>();
  const current = new Map<string, string>();
  let version = 1_700_000_000_000_000;
  for (let round = 0; round < 60; round++) {
    const numbers = Array.from({ length: BATCH }, (_, i) => (round * 37 + i * (1 + (round % 23))) % KEYS);
    const put = [...new Set(numbers)].map((n) => ({
      ...sample(n),
      value: Buffer.concat([sample(n).value, Buffer.alloc(n % 4 === 0 && n % 10 !== 0 ? padding : 0)]),
      key: `key ${String(n).padStart(300, '0')}`,
      version: ++version,
    }));
    await store.commit(put);
    for (const entry of put) current.set(entry.key, asText(entry));
    for (const text of current.values()) written.add(text);
    const remove = put.filter((_, i) => i % 7 === 0).map(({ key }) => key);
    await store.commit([], remove);
    for (const key of remove) current.delete(key);
  }
  await store.close();
  return { written, current };
}

/** The same text for the same entry, whatever the order of its members. */
function asText(entry: Entry): string {
  const members = { ...entry, value: Buffer.from(entry.value).toString('latin1') };
  return JSON.stringify(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The pages on which each entry of a sound file is, and those of the list of free pages, which has no checksum. */
function layoutOf(file: string): { pagesOf: Map<string, number[]>; listPages: number[] } {
  const fd = openSync(file, 'r');
  const header = readHeader(fd, statSync(file).size);
  const reader = new PageReader(fd, header);
  const pagesBelow = (root: number | undefined) => {
    const all: number[] = [];
    const pagesOf = new Map<string, number[]>();
    const visit = (number: number, depth: number) => {
      all.push(number);
      const page = reader.page(number, depth);
      const isLeaf = kindOf(page) === LEAF;
      for (const at of reader.nodes(page, number, isLeaf)) {
        if (!isLeaf) visit(childAt(page, at), depth + 1);
        else {
          const pages = [number];
          reader.value(page, at, (first, count) => pages.push(...Array.from({ length: count }, (_, i) => first + i)));
          all.push(...pages);
          pagesOf.set(keyAt(page, at).toString(), pages);
        }
      }
    };
    if (root !== undefined) visit(root, 0);
    return { all, pagesOf };
  };
  const { entries } = namedTrees(new PageWalk(fd, header), header.main);
  const layout = { pagesOf: pagesBelow(entries.root).pagesOf, listPages: pagesBelow(header.free.root).all };
  closeSync(fd);
  return layout;
}
