import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../../../../src/domain/errors.js';
import * as salvage from '../../../../../../src/infrastructure/storage/building-blocks/journal/salvage-journal.js';
import { append, JournalFolder, SEGMENT, texts } from './journal-fixture.js';

const FRAMES_AT = 4096;
const HEADER = 20;

describe('What a crash or damage left of a journal', () => {
  it('ends with the last whole frame, wherever the next one was cut, and goes on there', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, 'one', 'two', 'three');
      const [path = ''] = await folder.segments();
      const whole = await readFile(path);
      const last = FRAMES_AT + 2 * (HEADER + 3);
      for (let length = 0; length <= HEADER + 5; length++) {
        await folder.crash(async (copy) => {
          const [other = ''] = await copy.segments();
          await copy.change(other, (bytes) => void bytes.fill(0, last + length));
          const left = length === HEADER + 5 ? ['one', 'two', 'three'] : ['one', 'two'];
          const { journal: again, found } = await copy.open();
          expect(found, `${length} bytes`).to.deep.equal(left);
          expect(copy.warnings).to.have.length(length >= 4 && length < HEADER + 5 ? 1 : 0);
          await append(again, 'more');
          await again.close();
          expect(await copy.read()).to.deep.equal([...left, 'more']);
        });
      }
      expect(whole.length).to.equal(SEGMENT);
      await journal.close();
    }));

  it('ends there too if the last frame begins a segment', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      const all = texts(2, 40_000);
      await append(journal, ...all);
      await folder.crash(async (copy) => {
        const last = await lastWritten(copy, '1:');
        await copy.change(last, (bytes) => void bytes.fill(0, 5000));
        expect((await copy.open()).found).to.deep.equal(all.slice(0, 1));
        expect(copy.warnings).to.have.length(1);
      });
      await journal.close();
    }));

  it('is never taken for whole with a byte changed, and names file and byte unless it was the last frame', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      const all = ['one', 'two', 'three', 'four'];
      await append(journal, ...all);
      const end = FRAMES_AT + 4 * HEADER + all.join('').length;
      const lastFrame = end - HEADER - 4;
      for (const at of [...Array(44).keys(), ...Array.from({ length: end - FRAMES_AT }, (_, i) => FRAMES_AT + i)]) {
        await folder.crash(async (copy) => {
          const [path = ''] = await copy.segments();
          await copy.change(path, (bytes) => void bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at));
          const before = await readFile(path);
          const outcome = await problemOf(copy);
          if (at >= lastFrame) return expect(outcome, `byte ${at}`).to.deep.equal(['one', 'two', 'three']);
          const unused = at >= 12 && at < 16;
          if (typeof outcome !== 'string') throw new Error(`byte ${at}${unused} was accepted: ${outcome}`);
          expect(outcome)
            .to.include(path)
            .and.match(/byte \d+/)
            .and.include('portkv doctor');
          expect((await readFile(path)).equals(before)).to.equal(true);
        });
      }
      await journal.close();
    }));

  it('is refused if a frame in the middle is overwritten with zeros, or a segment is missing', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, ...texts(40, 5000));
      const paths = await folder.segments();
      expect(paths.length).to.be.greaterThan(3);
      await folder.crash(async (copy) => {
        await copy.change(await lastWritten(copy, '1:'), (bytes) => void bytes.fill(0, FRAMES_AT, FRAMES_AT + 5020));
        expect(await problemOf(copy)).to.match(/byte 4096/);
      });
      await folder.crash(async (copy) => {
        const middle = await lastWritten(copy, '20:');
        await rm(middle);
        expect(await problemOf(copy)).to.match(/is missing/);
      });
      await folder.crash(async (copy) => {
        const first = await lastWritten(copy, '0:');
        await copy.change(first, (bytes) => void bytes.fill(0, 30_000));
        expect(await problemOf(copy)).to.include(first);
      });
      await journal.close();
    }));

  it('has no frame of an earlier use of a segment, whatever is cut', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      let last = '';
      let [at, round] = [0, 0];
      let old = Buffer.alloc(0);
      // Until a frame comes to lie where an old one is.
      while (!old.some((byte) => byte !== 0)) {
        await append(journal, ...texts(12, 5000));
        await journal.release(journal.lastSequence);
        const before = new Map<string, Buffer>();
        for (const path of await folder.segments()) before.set(path, await readFile(path));
        await append(journal, `new${round++}`);
        last = await lastWritten(folder, `new${round - 1}`);
        at = (await readFile(last)).indexOf('new') - HEADER;
        old = Buffer.from(before.get(last)?.subarray(at, at + HEADER + 4) ?? []);
        expect(round).to.be.below(20);
      }
      for (const cut of [0, 1, 4, 19, 22]) {
        await folder.crash(async (copy) => {
          const path = join(copy.path, basename(last));
          await copy.change(path, (now) => void now.set(old.subarray(cut), at + cut));
          const { found } = await copy.open();
          expect(found).to.deep.equal([]);
        });
      }
      await journal.close();
    }));

  it('counts no frame that a write which hung adds after the journal was opened again', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, 'one');
      const again = await folder.open();
      await append(journal, 'late').catch(() => undefined);
      await append(again.journal, 'two');
      expect(await folder.read()).to.deep.equal(['one', 'two']);
      await again.journal.close();
    }));

  it('that has no frames but others than its own files is refused as a link, and a folder without files is empty', () =>
    JournalFolder.with(async (folder) => {
      expect(await folder.read()).to.deep.equal([]);
      await mkdir(folder.path);
      expect(await folder.read()).to.deep.equal([]);
      await rm(folder.path, { recursive: true });
      await symlink(folder.parent, folder.path);
      expect(await problemOf(folder)).to.match(/is a link/);
    }));

  it('is salvaged frame by frame: all that can be read, and what cannot', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, 'one', 'two', 'three', ...texts(20, 5000));
      await folder.crash(async (copy) => {
        const path = await lastWritten(copy, 'one');
        await copy.change(
          path,
          (bytes) => void bytes.fill(7, FRAMES_AT + HEADER + 3 + 10, FRAMES_AT + HEADER + 3 + 21),
        );
        const found: string[] = [];
        const lost = await salvage.salvageJournal(copy.path, (payload) => found.push(payload.toString()));
        expect(found).to.deep.equal(['one', 'three', ...texts(20, 5000)]);
        expect(lost.join()).to.include(`${path}: bytes 4119 to 4142`).and.include('1 frames before number 3');
      });
      await journal.close();
    }));
});

/** The segment that holds a frame with a text that begins like this. */
async function lastWritten(folder: JournalFolder, text: string): Promise<string> {
  for (const path of await folder.segments()) {
    const bytes = await readFile(path);
    for (let at = bytes.indexOf(text, FRAMES_AT); at >= 0; at = bytes.indexOf(text, at + 1)) {
      if (bytes.readUInt32LE(at - HEADER) === bytes.readUInt32LE(8)) return path;
    }
  }
  throw new Error(`no segment holds ${text}`);
}

/** What the journal holds, or the message of the `unavailable` with which it cannot be opened. */
async function problemOf(folder: JournalFolder): Promise<string | string[]> {
  try {
    return (await folder.open()).found;
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return error.message;
    throw error;
  }
}
