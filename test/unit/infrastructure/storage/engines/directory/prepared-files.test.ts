import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { FileNames } from '../../../../../../src/infrastructure/storage/engines/directory/file-name.js';
import { PreparedFiles } from '../../../../../../src/infrastructure/storage/engines/directory/prepared-files.js';
import { entry } from '../../../../../contract/store-fixture.js';

const LARGE = 'x'.repeat(2_000_000);

describe('The files of several entries', () => {
  it('are left alone once one of them could not be written: a late one would replace what came after', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const own = join(folder, '.portkv');
    await mkdir(own);
    const large = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, entry: entry(key, LARGE) }));
    // What is no time of change is refused before the file is synced.
    const bad = { key: 'bad', entry: { ...entry('bad', 'x'), version: Number.NaN } };
    const place = { folder, own, names: new FileNames(folder, 255) };
    const error = await PreparedFiles.write(place, [bad, ...large]).catch((it: Error) => it);
    expect(error).to.be.an('error');
    const then = (await readdir(folder, { recursive: true })).sort();
    await sleep(500);
    expect((await readdir(folder, { recursive: true })).sort()).to.deep.equal(then);
    expect(then).to.deep.equal(['.portkv']);
    await rm(folder, { recursive: true });
  });
});
