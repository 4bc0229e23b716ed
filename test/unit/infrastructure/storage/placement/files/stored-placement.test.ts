import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../../../../src/domain/errors.js';
import { dataName } from '../../../../../../src/infrastructure/storage/engines/location.js';
import {
  IN_PLACE_BYTES,
  linesIn,
  parseLines,
} from '../../../../../../src/infrastructure/storage/placement/files/in-place-lines.js';
import {
  placedProjects,
  readPlacement,
  removePlacement,
  writePlacement,
} from '../../../../../../src/infrastructure/storage/placement/files/stored-placement.js';
import type { Placement } from '../../../../../../src/infrastructure/storage/placement/placement.js';
import { PlacementFile } from '../../../../../../src/infrastructure/storage/placement/placement-file.js';

const PLACEMENT: Placement = {
  engine: 'lmdb',
  options: { page_size: 512 },
  generation: 3,
  configured: { engine: 'json-file', options: {} },
  version_floor: 1_700_000_000_000_000,
  deleted: false,
};

describe('The placement of a project', () => {
  let folder: string;
  const path = () => join(folder, 'a.placement.json');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function unreadable(): Promise<string> {
    const error: unknown = await readPlacement(folder, 'a').catch((reason: unknown) => reason);
    if (!(error instanceof AppError)) throw new Error('it was read');
    expect(error.code).to.equal('unavailable');
    expect(error.message).to.include(path());
    return error.message;
  }

  it('is read as it was written, in a private file and nothing beside it', async () => {
    await writePlacement(folder, 'a', { ...PLACEMENT, deleted: true });
    await writePlacement(folder, 'a', PLACEMENT);
    expect({ ...(await readPlacement(folder, 'a')) }).to.deep.equal(PLACEMENT);
    expect((await stat(path())).mode & 0o777).to.equal(0o600);
    expect(await readdir(folder)).to.deep.equal(['a.placement.json']);
    expect(await placedProjects(folder)).to.deep.equal(['a']);
    await removePlacement(folder, 'a');
    await removePlacement(folder, 'a');
    expect(await readPlacement(folder, 'a')).to.equal(undefined);
  });

  it('is never taken for absent or whole if it cannot be read or understood', async () => {
    const wrong = Object.keys(PLACEMENT).map((name) => JSON.stringify({ ...PLACEMENT, [name]: undefined }));
    wrong.push('', '{', 'null', '[]', '{}', JSON.stringify({ ...PLACEMENT, generation: 0 }));
    wrong.push(JSON.stringify({ ...PLACEMENT, version_floor: '5' }), JSON.stringify({ ...PLACEMENT, configured: {} }));
    for (const text of wrong) {
      await writeFile(path(), text);
      await unreadable();
    }
    await writeFile(path(), JSON.stringify({ ...PLACEMENT, version_floor: -1 }));
    expect(await unreadable()).to.include('version_floor: -1 must not be less than 0');
    await rm(path());
    await mkdir(path());
    await unreadable();
    await rm(path(), { recursive: true });
    await symlink('elsewhere', path());
    await unreadable();
  });

  it('gives each generation names of its own', () => {
    expect([1, 2, 10].map((generation) => dataName({ project: 'a', generation }))).to.deep.equal(['a', 'a.2', 'a.10']);
  });

  /** A placement with a generation that one can go back to, as it is on the disk. */
  async function written(): Promise<PlacementFile> {
    const file = new PlacementFile('a', folder);
    await file.write({ ...PLACEMENT, kept: [{ engine: 'lmdb', options: {}, generation: 2, until: 1, current: true }] });
    return file;
  }

  const summary = async () => {
    const { version_floor, kept = [] } = (await readPlacement(folder, 'a')) as Placement;
    return [version_floor, kept[0]?.current];
  };

  it('takes versions, and that there are newer writes, in place', async () => {
    let file = await written();
    const { ino, size } = await stat(path());
    for (let raised = 1; raised <= 5; raised++) {
      await file.raiseVersionFloor(PLACEMENT.version_floor + raised);
      if (raised === 2) await file.markWritten();
      expect(await summary()).to.deep.equal([PLACEMENT.version_floor + raised, raised < 2]);
      file = new PlacementFile('a', folder);
      expect(await file.find()).to.equal(true);
    }
    expect(await stat(path())).to.include({ ino, size });
    await file.change({ deleted: true });
    expect(await summary()).to.deep.equal([PLACEMENT.version_floor + 5, false]);
  });

  it('has what was there before, or what is new, after a write in place that a crash cut off', async () => {
    const file = await written();
    const before = [await readFile(path())];
    for (const step of [1, 2, 3]) {
      await file.raiseVersionFloor(PLACEMENT.version_floor + step * 1_111_111);
      before.push(await readFile(path()));
    }
    await file.markWritten();
    before.push(await readFile(path()));
    const says = (bytes: Buffer) => parseLines(linesIn(bytes) ?? []);
    for (const [i, next] of before.entries()) {
      const last = before[i - 1];
      if (last === undefined) continue;
      const possible = [says(last), says(next)];
      for (let at = 0; at <= IN_PLACE_BYTES; at++) {
        const [head, tail] = [Buffer.from(next), Buffer.from(last)];
        last.copy(head, at, at);
        next.copy(tail, at, at);
        for (const torn of [head, tail]) expect(possible).to.deep.include(says(torn));
      }
    }
    expect(await summary()).to.deep.equal([PLACEMENT.version_floor + 3_333_333, false]);
  });

  it('is replaced as a whole if the file was damaged or taken away, or has no room for lines', async () => {
    const damages = [
      () => rm(path()),
      () => writeFile(path(), '{}'),
      () => writeFile(path(), JSON.stringify(PLACEMENT)),
      async () => writeFile(path(), (await readFile(path(), 'utf8')).replace('lmdb', 'lmdx')),
    ];
    for (const damage of damages) {
      const file = await written();
      await damage();
      await file.raiseVersionFloor(PLACEMENT.version_floor + 7);
      expect(await summary()).to.deep.equal([PLACEMENT.version_floor + 7, true]);
      expect((await readPlacement(folder, 'a'))?.engine).to.equal('lmdb');
    }
  });

  it('is not read if neither line has its checksum', async () => {
    const file = await written();
    await file.raiseVersionFloor(PLACEMENT.version_floor + 1);
    const text = await readFile(path(), 'utf8');
    await writeFile(path(), text.replace(/\d{16} -/g, '1700000000000009 -'));
    expect(await unreadable()).to.include('checksum');
  });
});
