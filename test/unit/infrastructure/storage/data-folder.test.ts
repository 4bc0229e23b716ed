import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../../src/domain/errors.js';
import { lockDataFolder } from '../../../../src/infrastructure/storage/data-folder.js';

const MODULE = new URL('../../../../src/infrastructure/storage/data-folder.js', import.meta.url).href;

async function refusal(folder: string): Promise<AppError> {
  const error: unknown = await lockDataFolder(folder).catch((reason: unknown) => reason);
  if (!(error instanceof AppError)) throw new Error('the lock was granted');
  expect(error.code).to.equal('unavailable');
  return error;
}

describe('lockDataFolder', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'portkv-')), 'data');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  /** Another process that holds the folder. */
  async function holder(): Promise<ChildProcess> {
    const script = `
      const { lockDataFolder } = await import(process.argv[1]);
      await lockDataFolder(process.argv[2]);
      console.log('held');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, MODULE, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  it('makes a private folder that is its own until it is released', async () => {
    const held = await lockDataFolder(folder);
    expect(held.path).to.equal(folder);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    expect((await stat(join(folder, 'portkv.lock'))).mode & 0o777).to.equal(0o600);
    expect((await refusal(folder)).message).to.include(`process ${process.pid}`);
    await held.release();
    await (await lockDataFolder(folder)).release();
  });

  it('names the process that holds the folder, and is granted the moment that one is killed', async () => {
    const child = await holder();
    const error = await refusal(folder);
    expect(error.details?.pid).to.equal(child.pid);
    expect(error.message).to.match(new RegExp(`${folder} is in use by process ${child.pid}, started at 20`));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const held = await lockDataFolder(folder);
    expect(JSON.parse(await readFile(join(folder, 'portkv.lock'), 'utf8')).pid).to.equal(process.pid);
    await held.release();
  });

  it('is not stopped by what an earlier owner left in the lock file', async () => {
    const first = await lockDataFolder(folder);
    await first.release();
    await writeFile(join(folder, 'portkv.lock'), 'x'.repeat(500));
    const held = await lockDataFolder(folder);
    expect(JSON.parse(await readFile(join(folder, 'portkv.lock'), 'utf8'))).to.have.keys('pid', 'started');
    await held.release();
  });

  it('rejects with the path if the folder cannot be made', async () => {
    const { path, release } = await lockDataFolder(folder);
    await release();
    const error = await refusal(join(path, 'portkv.lock', 'inside'));
    expect(error.message)
      .to.include(join(path, 'portkv.lock', 'inside'))
      .and.include('ENOTDIR');
  });
});
