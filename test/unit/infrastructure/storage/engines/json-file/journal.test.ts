import { mkdir, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { entry } from '../../../../../contract/store-fixture.js';
import { JsonFileFolder } from './json-file-fixture.js';

describe('The journal of a json-file store', () => {
  it('takes what is committed, while the file stays as it is', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      const before = await stat(folder.file);
      for (let i = 0; i < 100; i++) await store.commit({ put: [entry(`k${i}`, '{\n}')] });
      expect(await folder.frames()).to.equal(100);
      expect((await stat(folder.file)).ino).to.equal(before.ino);
      expect((await stat(folder.journal)).mode & 0o777).to.equal(0o700);
      for (const name of await readdir(folder.journal)) {
        expect((await stat(join(folder.journal, name))).mode & 0o777).to.equal(0o600);
      }
      await store.close();
      expect(await readdir(folder.path)).to.deep.equal(['p_store.json']);
    }));

  it('is not there before the first write, nor after reading', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      expect(await store.get('a')).to.equal(undefined);
      expect(await store.commit({ remove: ['a'] })).to.equal(true);
      expect(await folder.frames()).to.equal(0);
      await store.close();
      expect(await readdir(folder.path)).to.deep.equal(['p_store.json']);
    }));

  it('has one frame for all batches that came while one was written', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.commit({ put: [entry(`k${i}`)] })));
      expect(await folder.frames()).to.be.below(3);
      await store.close();
    }));

  it('keeps every member of an entry, and any value and key', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      const all = [
        entry('bytes', Uint8Array.of(0, 255, 10)),
        entry('ключ 🐎', 'x'.repeat(3_000_000), { meta: '{"by":"Zoë"}', expiresAt: 5000 }),
        entry('empty', '', { createdAt: 1, updatedAt: 2, contentType: 'image/png' }),
      ];
      await store.commit({ put: [...all, entry('gone')] });
      await store.commit({ remove: ['gone'] });
      await JsonFileFolder.with(async (copy) => {
        await folder.copyTo(copy);
        const found = await copy.open();
        expect(await found.scan({ limit: 9 })).to.deep.equal(await store.scan({ limit: 9 }));
        expect((await found.size()).keys).to.equal(3);
        await found.close();
      });
      await store.close();
    }));

  it('that was taken away or cut is noticed at the next commit, and nothing is lost', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      await store.commit({ put: [entry('a')] });
      await rm(folder.journal, { recursive: true });
      await store.commit({ put: [entry('b')] });
      for (const name of await readdir(folder.journal)) await truncate(join(folder.journal, name), 5000);
      await store.commit({ put: [entry('c')] });
      expect(folder.warnings).to.have.length(2);
      await JsonFileFolder.with(async (copy) => {
        await folder.copyTo(copy);
        const found = await copy.open();
        expect((await found.size()).keys).to.equal(3);
        await found.close();
      });
      await store.close();
      expect(await readdir(folder.path)).to.deep.equal(['p_store.json']);
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
          await folder.copyTo(copy);
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
      expect(await folder.frames()).to.equal(100);
      await rm(folder.file, { recursive: true });
      await store.close();
      expect(await readdir(folder.path)).to.deep.equal(['p_store.json']);
      const again = await folder.open();
      expect((await again.size()).keys).to.equal(100);
      await again.close();
    }));
});
