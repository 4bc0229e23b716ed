import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { AppError } from '../../src/domain/errors.js';
import { checkFile } from '../../src/infrastructure/storage/engines/lmdb/check-file.js';
import type { LmdbStore } from '../../src/infrastructure/storage/engines/lmdb/lmdb-store.js';
import { CorruptFileError } from '../../src/infrastructure/storage/engines/lmdb/pages/file-header.js';
import type { Location } from '../../src/infrastructure/storage/engines/location.js';
import { dataOf, openStore, sample, withLocation } from '../unit/infrastructure/storage/engines/lmdb/lmdb-fixture.js';
import { checkAsyncProperty, seeded } from './harness/properties.js';

const PAGE = 4096;

/** Bytes written over part of a page, often of its header; or a page written over another. */
interface Damaged {
  readonly page: number;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly from: number | undefined;
}

const damages = fc.array(
  fc.record<Damaged>({
    page: fc.nat(),
    at: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: PAGE - 9 })),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.constantFrom(Buffer.alloc(8), Buffer.alloc(8, 0xff), Buffer.of(1, 0, 0, 0, 0, 0, 0, 0), Buffer.alloc(4, 0x7f)),
    ),
    from: fc.option(fc.nat(), { freq: 8, nil: undefined }),
  }),
  { minLength: 1, maxLength: 4 },
);

describe(seeded('A damaged lmdb file'), () => {
  it('is refused or served as it was, and never crashes the server', () =>
    withLocation(async (location) => {
      const before = await fill(location);
      const file = dataOf(location);
      const sound = await readFile(file);
      const kept = new Map<boolean, number>();
      await checkAsyncProperty(400, damages, async (all) => {
        const harmed = all.reduce(damage, Buffer.from(sound));
        await writeFile(file, harmed);
        const refused = isRefused(file);
        kept.set(refused, (kept.get(refused) ?? 0) + 1);
        if (refused) return;
        await rm(join(dirname(file), 'closed'), { force: true });
        const store = await openStore(location).catch((it: unknown) => it);
        if (store instanceof Error) expect(store).to.be.instanceOf(AppError).with.property('code', 'unavailable');
        else {
          expect(await contentOf(store as LmdbStore)).to.deep.equal(before);
          await (store as LmdbStore).close();
        }
      });
      expect([...kept.keys()]).to.include(true);
    }));
});

function damage(file: Buffer, { page, at, bytes, from }: Damaged): Buffer {
  const pages = file.length / PAGE;
  const start = (page % pages) * PAGE;
  if (from === undefined) file.set(bytes, start + at);
  else file.copy(file, start, (from % pages) * PAGE, (from % pages) * PAGE + PAGE);
  return file;
}

function isRefused(file: string): boolean {
  try {
    checkFile(file);
    return false;
  } catch (error) {
    if (error instanceof CorruptFileError || error instanceof AppError) return true;
    throw error;
  }
}

/** Stores enough for branch pages, overflow pages and free pages, and returns the content. */
async function fill(location: Location): Promise<unknown> {
  const store = await openStore(location);
  for (let i = 0; i < 600; i += 100) {
    await store.commit({ put: Array.from({ length: 100 }, (_, j) => sample(i + j)) });
    await store.commit({ remove: [`key ${i + 1}`, `key ${i + 10}`] });
  }
  const content = await contentOf(store);
  await store.close();
  return content;
}

async function contentOf(store: LmdbStore): Promise<unknown> {
  const entries = (await store.scan({ limit: 10_000 })).map((it) => ({
    ...it,
    value: Buffer.from(it.value).toString('latin1'),
  }));
  return { entries, expiring: await store.expiring(Number.MAX_SAFE_INTEGER, 10_000), size: store.size() };
}
