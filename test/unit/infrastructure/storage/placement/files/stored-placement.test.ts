import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../../../../src/domain/errors.js';
import { dataName } from '../../../../../../src/infrastructure/storage/engines/location.js';
import {
  placedProjects,
  readPlacement,
  removePlacement,
  writePlacement,
} from '../../../../../../src/infrastructure/storage/placement/files/stored-placement.js';
import type { Placement } from '../../../../../../src/infrastructure/storage/placement/placement.js';

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
});
