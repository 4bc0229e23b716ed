import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Store } from '../../../../../../src/application/ports/store.js';
import { AppError } from '../../../../../../src/domain/errors.js';
import { journalLine } from '../../../../../../src/infrastructure/storage/engines/json-file/journal-line.js';
import { entry } from '../../../../../contract/store-fixture.js';
import { JsonFileFolder } from './json-file-fixture.js';

describe('The journal of a json-file store', () => {
  it('takes what is committed, while the file stays as it is', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      const before = await stat(folder.file);
      for (let i = 0; i < 100; i++) await store.commit({ put: [entry(`k${i}`, '{\n}')] });
      expect((await readFile(folder.journal, 'utf8')).match(/\n/g)).to.have.length(100);
      expect((await stat(folder.file)).ino).to.equal(before.ino);
      expect((await stat(folder.journal)).mode & 0o777).to.equal(0o600);
      await store.close();
      expect(await readdir(folder.path)).to.deep.equal(['p_store.json']);
    }));

  it('has one line for all batches that came while one was written', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.commit({ put: [entry(`k${i}`)] })));
      expect((await readFile(folder.journal, 'utf8')).match(/\n/g)?.length).to.be.below(3);
      await store.close();
    }));

  it('is good up to the last whole line, wherever a crash cut it, with a warning', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const first = Buffer.concat(journalLine([{ key: 'a', entry: entry('a', 'one') }]));
      const second = Buffer.concat(
        journalLine([
          { key: 'a', entry: undefined },
          { key: 'b', entry: entry('b', 'é') },
        ]),
      );
      for (let length = 0; length <= second.length; length++) {
        await writeFile(folder.journal, Buffer.concat([first, second.subarray(0, length)]));
        folder.warnings.length = 0;
        expect(await keys(folder), `${length} bytes`).to.equal(length === second.length ? 'b' : 'a');
        const whole = length === 0 || length === second.length;
        expect(folder.warnings, `${length} bytes`).to.have.length(whole ? 0 : 1);
        await writeFile(folder.file, '{}');
      }
    }));

  it('is good without its last line if that has a wrong checksum', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const lines = journalOf(['a', 'b', 'c']);
      for (const damage of [0, 3, 8, 12, 40, -2]) {
        await writeFile(folder.journal, withDamage(lines, 2, damage));
        expect(await keys(folder)).to.equal('a b');
        await writeFile(folder.file, '{}');
      }
      expect(folder.warnings).to.have.length(6);
    }));

  it('is refused and left alone if a line before the last is damaged', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      for (const name of ['journal', 'old'] as const) {
        for (const [line, damage] of [
          [0, 0],
          [0, 30],
          [1, 8],
          [1, -2],
        ] as const) {
          const journal = withDamage(journalOf(['a', 'b', 'c']), line, damage);
          await writeFile(folder[name], journal);
          expect(await problemOf(folder))
            .to.include(folder[name])
            .and.include(`line ${line + 1}`)
            .and.include('portkv doctor');
          expect(await readFile(folder[name])).to.deep.equal(journal);
        }
        await writeFile(folder[name], '');
      }
      await writeFile(folder.old, withDamage(journalOf(['a', 'b']), 1, 3));
      expect(await problemOf(folder)).to.include(folder.old);
    }));

  it('opens as the same store from whatever files a crash left of a fold', () =>
    JsonFileFolder.with(async (folder) => {
      const image = (names: string[]) => `{${names.map((it) => itemOf(it)).join()}}`;
      const old = journalOf(['a', 'b', '-c']);
      const current = journalOf(['b', 'd', '-a', 'c']);
      const files = ['c', 'a b c', 'a b', 'b', 'a b d', 'b c d'];
      for (const [i, file] of files.entries()) {
        // Without the old journal the file must hold all of it; with it, any part of the new one, too.
        for (const hasOld of i === 0 ? [true] : [true, false]) {
          if (!hasOld && file === 'a b c') continue;
          await writeFile(folder.file, image(file.split(' ')));
          if (hasOld) await writeFile(folder.old, Buffer.concat(old));
          await writeFile(folder.journal, Buffer.concat(current));
          expect(await keys(folder), `file ${file}, old ${hasOld}`).to.equal('b c d');
          expect(await readdir(folder.path)).to.deep.equal(['p_store.json']);
        }
      }
    }));

  it('is folded into the file while commits go on, and nothing is missing at any moment', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      folder.options.journal_bytes = 20_000;
      const store = await folder.open();
      const files = new Set<number>();
      for (let i = 0; i < 3000; i++) {
        await store.commit({ put: [entry(`k${i % 400}`, `${i}`.padEnd(i % 90), { version: i + 1 })] });
        if (i % 100 !== 99) continue;
        files.add((await stat(folder.file)).mtimeMs);
        await JsonFileFolder.with(async (copy) => {
          // As a crash would leave them; the file last, since it may be replaced while the others are copied.
          for (const name of ['journal', 'old', 'file'] as const)
            await copyFile(folder[name], copy[name]).catch(ignoreMissing);
          const found = await copy.open();
          expect((await found.get(`k${i % 400}`))?.version).to.equal(i + 1);
          expect(await found.size()).to.deep.equal(await store.size());
          await found.close();
        });
      }
      expect(files.size).to.be.greaterThan(3);
      await store.close();
    }));

  it('stays, and commits go on, while it cannot be folded', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      folder.options.journal_bytes = 1000;
      const store = await folder.open();
      await rm(folder.file);
      await mkdir(`${folder.file}/in the way`, { recursive: true });
      for (let i = 0; i < 100; i++) expect(await store.commit({ put: [entry(`k${i}`)] })).to.equal(true);
      expect(folder.warnings.length).to.be.within(1, 99);
      expect(await readdir(folder.path)).to.include.members(['p_store.journal', 'p_store.journal.old']);
      await rm(folder.file, { recursive: true });
      await store.close();
      expect(await readdir(folder.path)).to.deep.equal(['p_store.json']);
      const again = await folder.open();
      expect((await again.size()).keys).to.equal(100);
      await again.close();
    }));
});

/** A line for each key; `-key` removes it. */
function journalOf(changes: readonly string[]): Buffer[] {
  return changes.map((it) => {
    const key = it.replace('-', '');
    return Buffer.concat(journalLine([{ key, entry: it === key ? entry(key, 'value') : undefined }]));
  });
}

/** The lines in one, a bit of one changed. */
function withDamage(lines: readonly Buffer[], index: number, at: number): Buffer {
  const copies = lines.map((it) => Buffer.from(it));
  const line = copies[index] ?? Buffer.alloc(0);
  const position = at < 0 ? line.length + at : at;
  line[position] = (line[position] ?? 0) ^ 1;
  return Buffer.concat(copies);
}

function itemOf(key: string): string {
  return `"${key}": {"created_at": 1, "updated_at": 1, "value": "earlier"}`;
}

async function keys(folder: JsonFileFolder): Promise<string> {
  const store: Store = await folder.open();
  const found = (await store.scan({ limit: 100 })).map((it) => it.key).join(' ');
  await store.close();
  return found;
}

async function problemOf(folder: JsonFileFolder): Promise<string> {
  try {
    await (await folder.open()).close();
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return error.message;
    throw error;
  }
  throw new Error('it was opened');
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
