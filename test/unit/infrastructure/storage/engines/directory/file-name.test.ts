import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileNames, fileNamesOf } from '../../../../../../src/infrastructure/storage/engines/directory/file-name.js';
import { AWKWARD_KEYS } from '../../../../../contract/store-fixture.js';

describe('The name of the file of a key', () => {
  it('is the key if that is plain', () => {
    expect(fileNamesOf('a-b_c.9')).to.deep.equal(['a-b_c.9.json']);
    expect(fileNamesOf('con')).to.deep.equal(['%63on.json']);
    expect(fileNamesOf('Käse/1')).to.deep.equal(['%4b%c3%a4se%2f1.json']);
  });

  it('is its own for every key, on every file system', () => {
    const long = Array.from({ length: 300 }, (_, i) => 'x'.repeat(60 + i));
    const keys = [
      ...new Set([...AWKWARD_KEYS, ...long, 'COM1', 'com1', 'com1.x', '..', 'a~b', '%41', 'x'.repeat(200)]),
    ];
    const names = keys.flatMap(fileNamesOf);
    expect(new Set(names).size).to.equal(names.length);
    for (const name of names) {
      expect(name).to.match(/^[a-z0-9_%~-][a-z0-9_.%~-]*\.json$/);
      expect(name).not.to.match(/^(con|nul|aux|prn|com\d|lpt\d)\./);
    }
  });

  it('has a form for file systems whose names are short: at most 255, 143 and 70 bytes', () => {
    for (const key of AWKWARD_KEYS.concat('k'.repeat(200), 'k'.repeat(138), 'k'.repeat(139))) {
      for (const most of [255, 205, 143, 142, 70]) {
        expect(new FileNames('/nowhere', most).of(key)?.length, key).to.be.within(1, most);
      }
    }
    expect(new FileNames('/nowhere', 69).of('k'.repeat(65))).to.equal(undefined);
    expect(new FileNames('/nowhere', 69).of('k'.repeat(64))).to.equal(`${'k'.repeat(64)}.json`);
    expect(new FileNames('/nowhere', 69).problemOf('k'.repeat(100))).to.match(/needs a file name of 70 bytes.* 69 /);
  });

  it('is that of the file that is there, whichever file system it was made for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const key = 'k'.repeat(300);
    const names = fileNamesOf(key);
    expect(names.length).to.equal(3);
    const of = () => new FileNames(folder, 255).of(key);
    expect(of()).to.equal(names[0]);
    for (const name of [...names].reverse()) {
      await writeFile(join(folder, name), '');
      expect(of()).to.equal(name);
    }
    await rm(folder, { recursive: true });
  });
});
