import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { AppError } from '../../../../../../src/domain/errors.js';
import { entry } from '../../../../../contract/store-fixture.js';
import { JsonFileFolder } from './json-file-fixture.js';

const TIMES = '"created_at": 1, "updated_at": 1';
const GOOD = `"a": {${TIMES}, "value": 1}`;

const DAMAGED: Readonly<Record<string, readonly [text: string | Buffer, why: string]>> = {
  'an empty file': ['', 'from byte 0'],
  'a file of spaces': ['  \n ', 'from byte 4 on'],
  'a file of zeros': [Buffer.alloc(4096), 'holds no JSON object, at byte 0'],
  'a list': [`[{${GOOD}}]`, 'holds no JSON object, at byte 0'],
  'a file without its end': [`{${GOOD}`, 'from byte 1'],
  'a file cut in an entry': [`{${GOOD}, "b": {${TIMES}, "val`, `from byte ${GOOD.length + 3}`],
  'something after the end': [`{${GOOD}} x`, `after its end, at byte ${GOOD.length + 3}`],
  'a comma too many': [`{${GOOD},}`, 'no key where one should be'],
  'a comma too few': [`{${GOOD} ${GOOD.replace('a', 'b')}}`, 'from byte 1'],
  'a key twice': [`{${GOOD}, ${GOOD}}`, `a key twice, at byte ${GOOD.length + 3}`],
  'a key twice, once escaped': [`{${GOOD}, ${GOOD.replace('a', '\\u0061')}}`, 'a key twice'],
  'an empty key': [`{${GOOD.replace('a', '')}}`, 'must not be empty'],
  'half of a surrogate pair as key': [`{${GOOD.replace('a', '\\ud800')}}`, 'lone surrogate'],
  'a removed entry': ['{"a": null}', 'no object'],
  'an entry that is a list': ['{"a": []}', 'no object'],
  'an entry without a value': [`{"a": {${TIMES}}}`, '"value" is missing'],
  'an entry without times': ['{"a": {"value": 1}}', '"created_at" is missing'],
  'a member twice': [`{"a": {${TIMES}, "value": 1, "value": 2}}`, '"value" twice'],
  'an unknown member': [`{"a": {${TIMES}, "value": 1, "colour": 2}}`, 'unknown member "colour"'],
  'a time that is text': ['{"a": {"created_at": "1", "updated_at": 1, "value": 1}}', '"created_at" is no time'],
  'a time below zero': ['{"a": {"created_at": -1, "updated_at": 1, "value": 1}}', '"created_at" is no time'],
  'a malformed version': [`{"a": {${TIMES}, "value": 1, "version": "A"}}`, '"version"'],
  'broken JSON in a value': [`{"a": {${TIMES}, "value": [1,,2]}}`, 'from byte 1'],
  'an unknown encoding': [`{"a": {${TIMES}, "value": "x", "encoding": "hex"}}`, 'none of text, json, base64'],
  'malformed base64': [`{"a": {${TIMES}, "value": "=", "encoding": "base64"}}`, 'no base64'],
  'text that is a number': [`{"a": {${TIMES}, "value": 1, "encoding": "text"}}`, '"value" is no string'],
  'Latin-1': [Buffer.from(`{"a": {${TIMES}, "value": "é"}}`, 'latin1'), 'not UTF-8'],
};

describe('A json-file store that cannot be read', () => {
  for (const [title, [text, why]] of Object.entries(DAMAGED)) {
    it(`is refused and left alone: ${title}`, () =>
      JsonFileFolder.with(async (folder) => {
        const problem = await refused(folder.openText(text));
        expect(problem).to.include(folder.file).and.include(why).and.include('portkv doctor');
        expect(await readFile(folder.file)).to.deep.equal(Buffer.from(text));
      }));
  }

  it('is never taken for a new one if its file is missing', () =>
    JsonFileFolder.with(async (folder) => {
      expect(await refused(folder.open())).to.include(`${folder.file} is missing`);
      await mkdir(folder.journal);
      expect(await refused(folder.open())).to.include(`${folder.file} is missing`);
    }));

  it('is not opened through a symbolic link', () =>
    JsonFileFolder.with(async (folder) => {
      await writeFile(`${folder.path}/elsewhere`, '{}');
      await symlink(`${folder.path}/elsewhere`, folder.file);
      expect(await refused(folder.open())).to.include('symbolic link');
    }));

  it('is not replaced by a new one', () =>
    JsonFileFolder.with(async (folder) => {
      for (const path of [folder.file, folder.journal, folder.old]) {
        await writeFile(path, 'x');
        expect(await refused(folder.create())).to.include(`${path} is there already`);
        await rm(path);
      }
    }));

  it('rejects every commit after one could not be written, reads on, and opens again', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      await writeFile(folder.journal, 'in the way');
      await refused(store.commit({ put: [entry('a')] }));
      await rm(folder.journal);
      await refused(store.commit({ put: [entry('b')] }));
      expect(await store.scan({ limit: 2 })).to.deep.equal([]);
      await store.close();
      const again = await folder.open();
      expect(await again.commit({ put: [entry('c')] })).to.equal(true);
      await again.close();
    }));
});

/** The message of the `unavailable` with which it rejects. */
async function refused(call: unknown): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}
