import { readdir, readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Store } from '../../../../../../src/application/ports/store.js';
import { AppError } from '../../../../../../src/domain/errors.js';
import { entry } from '../../../../../contract/store-fixture.js';
import { textJournalLine } from '../../../../../harness/text-journal-line.js';
import { JsonFileFolder } from './json-file-fixture.js';

describe('The journal that json-file kept in lines', () => {
  it('is good up to the last whole line, wherever a crash cut it, with a warning', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const first = textJournalLine([{ key: 'a', entry: entry('a', 'one') }]);
      const second = textJournalLine([
        { key: 'a', entry: undefined },
        { key: 'b', entry: entry('b', 'é') },
      ]);
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
});

/** A line for each key; `-key` removes it. */
function journalOf(changes: readonly string[]): Buffer[] {
  return changes.map((it) => {
    const key = it.replace('-', '');
    return textJournalLine([{ key, entry: it === key ? entry(key, 'value') : undefined }]);
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
