import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { append, JournalFolder, SEGMENT, texts } from './journal-fixture.js';

describe('A journal', () => {
  it('makes nothing before the first reservation, and leaves nothing if all is released', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      expect(await readdir(folder.parent)).to.deep.equal([]);
      await append(journal, 'a', 'b');
      expect(await folder.segments()).to.have.length(1);
      await journal.release(2);
      await journal.close();
      expect(await readdir(folder.parent)).to.deep.equal([]);
    }));

  it('holds what was appended, in order, over many segments and several openings', () =>
    JournalFolder.with(async (folder) => {
      const all: string[] = [];
      for (let round = 0; round < 4; round++) {
        const { journal, found } = await folder.open();
        expect(found).to.deep.equal(all);
        const more = texts(30, 7000, round * 100);
        await append(journal, ...more);
        all.push(...more);
        expect(journal.lastSequence).to.equal(all.length);
        expect(journal.bytes).to.equal(all.reduce((sum, text) => sum + text.length + 20, 0));
        await folder.crash(async (copy) => expect(await copy.read()).to.deep.equal(all));
        await journal.close();
      }
      expect(folder.warnings).to.deep.equal([]);
    }));

  it('writes into blocks that are there: no size changes, and the frame is on the disk in one call', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, 'a');
      const [path = ''] = await folder.segments();
      const before = await stat(path);
      expect([before.size, before.blocks * 512]).to.deep.equal([SEGMENT, SEGMENT]);
      await append(journal, ...texts(20, 1000));
      const after = await stat(path);
      expect([after.size, after.blocks]).to.deep.equal([before.size, before.blocks]);
      await journal.close();
    }));

  it('forgets what is released, in whole segments and in part of one, and uses their room again', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      const all = texts(200, 5000);
      let most = 0;
      for (const [i, text] of all.entries()) {
        await append(journal, text);
        if (i % 10 === 9) await journal.release(i - 3);
        if (i % 10 === 9)
          await folder.crash(async (copy) => expect(await copy.read()).to.deep.equal(all.slice(i - 3, i + 1)));
        most = Math.max(most, (await folder.segments()).length);
      }
      expect(most).to.be.below(5);
      expect(journal.bytes).to.equal(4 * 5020);
      await journal.close();
      expect(await folder.read()).to.deep.equal(all.slice(-4));
      const again = await folder.open();
      expect(again.found).to.deep.equal(all.slice(-4));
      expect(again.journal.lastSequence).to.equal(200);
      await append(again.journal, 'more');
      await again.journal.close();
      expect(await folder.read()).to.deep.equal([...all.slice(-4), 'more']);
    }));

  it('takes a frame larger than a segment, before and after smaller ones', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      const all = ['a', ...texts(1, 3_000_000), 'b', ...texts(2, 61_000), 'c', ...texts(1, 300_000)];
      await append(journal, ...all);
      await folder.crash(async (copy) => {
        const { journal: other, found } = await copy.open();
        expect(found).to.deep.equal(all);
        await append(other, ...texts(1, 100_000), 'after');
        await other.close();
        expect(await copy.read()).to.deep.equal([...all, ...texts(1, 100_000), 'after']);
      });
      await journal.close();
    }));

  it('makes segments twice as large each time, up to the largest, before they are needed', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open(0, 4 * SEGMENT);
      await append(journal, ...texts(200, 5000));
      const sizes = await Promise.all((await folder.segments()).map(async (path) => (await stat(path)).size / SEGMENT));
      expect(sizes.slice(0, 4)).to.deep.equal([1, 2, 4, 4]);
      await journal.close();
    }));

  it('numbers frames after those that its owner has already, also after a restart', () =>
    JournalFolder.with(async (folder) => {
      const first = await folder.open(7);
      await append(first.journal, 'eight', 'nine');
      expect(first.journal.lastSequence).to.equal(9);
      await first.journal.restart();
      expect([first.journal.bytes, await folder.segments()]).to.deep.equal([0, []]);
      await append(first.journal, 'ten');
      await first.journal.close();
      expect(await folder.read(7)).to.deep.equal(['ten']);
      const second = await folder.open(10);
      expect(second.found).to.deep.equal([]);
      await append(second.journal, 'eleven');
      await second.journal.close();
      expect(await folder.read(10)).to.deep.equal(['eleven']);
    }));

  it('keeps a reserve for frames that only remove, and refuses others with nothing attempted', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, 'a');
      expect(journal.hasRoomFor(SEGMENT - 4096 - 21 - 20, 'remove')).to.equal(true);
      expect(journal.hasRoomFor(SEGMENT - 4096 - 21 - 19, 'remove')).to.equal(false);
      expect(journal.hasRoomFor(SEGMENT - 4096 - 21 - 20, 'put')).to.equal(false);
      expect(journal.hasRoomFor(1000, 'put')).to.equal(true);
      await journal.reserve(1e15, 'put').then(
        () => expect.fail('there is no such disk'),
        ({ code }) => expect(code).to.equal('insufficient_storage'),
      );
      await append(journal, 'b');
      await journal.close();
      expect(await folder.read()).to.deep.equal(['a', 'b']);
    }));

  it('gives back what it has taken in advance, and goes on after that', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, ...texts(7, 5000));
      while ((await folder.segments()).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      await journal.giveBack();
      expect(await folder.segments()).to.have.length(1);
      await append(journal, ...texts(20, 5000));
      await journal.close();
      expect(await folder.read()).to.have.length(27);
    }));

  it('notices that its files were taken away or cut', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      expect(journal.isInPlace).to.equal(true);
      await append(journal, 'a');
      expect(journal.isInPlace).to.equal(true);
      await folder.change((await folder.segments())[0] ?? '', (bytes) => bytes.subarray(0, 100));
      expect(journal.isInPlace).to.equal(false);
      await rm(folder.path, { recursive: true });
      expect(journal.isInPlace).to.equal(false);
      await journal.restart();
      await append(journal, 'b');
      await journal.close();
      expect(await folder.read()).to.deep.equal(['b']);
    }));

  it('leaves alone what is not its own', () =>
    JournalFolder.with(async (folder) => {
      const { journal } = await folder.open();
      await append(journal, 'a');
      await writeFile(`${folder.path}/notes.txt`, 'mine');
      await journal.release(1);
      await journal.close();
      expect(await readdir(folder.path)).to.deep.equal(['notes.txt']);
    }));
});
