import { execFile } from 'node:child_process';
import { chown, link, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runPortkv } from '../../harness/portkv-command.js';
import { PortkvProcess } from '../../harness/portkv-process.js';

const run = promisify(execFile);
/** A user that is not root and owns nothing on this machine. */
const USER = 61_234;
const PROJECT = 'first_project';

describe('Commands of root on the data of another user', function () {
  this.timeout(60_000);
  let root: string;
  let folder: string;
  /** A folder of a server that ran once. */
  let original: string;
  let key: string;
  const config = () => join(folder, 'config.json');
  const data = (...names: string[]) => join(folder, 'storage_data', ...names);

  before(async function () {
    if (process.geteuid?.() !== 0) {
      console.log('      skipped: only root can act as another user');
      this.skip();
    }
    root = await mkdtemp(join(tmpdir(), 'portkv-'));
    await run('chmod', ['755', root]);
    folder = original = await mkdtemp(join(root, 'original-'));
    await chown(folder, USER, USER);
    await serveOnce();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(root, 'service-'));
    await run('cp', ['-a', `${original}/.`, folder]);
  });
  after(async () => {
    if (root !== undefined) await rm(root, { recursive: true, force: true });
  });

  /** Paths in the folder with another owner or group. */
  async function foreign(): Promise<string[]> {
    const other = ['!', '-uid', String(USER), '-o', '!', '-gid', String(USER)];
    const { stdout } = await run('find', [folder, ...other]);
    return stdout.split('\n').filter(Boolean);
  }

  /** Serves once, so that there are a configuration and data. */
  async function serveOnce(): Promise<void> {
    const server = new PortkvProcess(folder);
    const address = await server.ready();
    key ??= server.printed('PROJECT_KEY');
    const headers = { 'x-api-key': key, 'content-type': 'text/plain' };
    const path = `/api/v1/projects/${PROJECT}/values/a`;
    expect((await fetch(address + path, { method: 'PUT', headers, body: 'hello' })).ok).to.equal(true);
    const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8').catch(() => '');
    if (status !== '') expect(status).to.match(new RegExp(`Uid:\\t${USER}\\t${USER}\\t${USER}\\t${USER}\n`));
    server.kill('SIGTERM');
    expect(await server.end()).to.equal(0);
    expect(server.stderr).to.include('Runs as');
  }

  it('leave every file to that user, whatever they do, and make their outputs as root', async () => {
    expect(await foreign()).to.deep.equal([]);
    const output = join(root, 'export.ndjson');
    const commands = [
      ['export', PROJECT, output],
      ['import', PROJECT, output, '--mode', 'replace'],
      ['snapshot', 'create', PROJECT],
      ['migrate', PROJECT, '--to', 'lmdb'],
      ['migrate', PROJECT, '--to', 'directory'],
      ['share', PROJECT],
      ['doctor'],
      ['doctor', '--repair'],
    ];
    for (const command of commands) {
      const { code, errors, out } = await runPortkv([...command, '--config', config()]);
      expect(code, `${command.join(' ')}: ${errors}${out}`).to.equal(0);
      expect(await foreign(), command.join(' ')).to.deep.equal([]);
    }
    expect((await lstat(output)).uid).to.equal(0);
    await serveOnce();
    expect(await foreign()).to.deep.equal([]);
  });

  it('keep the owner of a configuration if the data belongs to root', async () => {
    await run('chown', ['-R', '0:0', data()]);
    expect((await runPortkv(['migrate', PROJECT, '--to', 'lmdb', '--config', config()])).code).to.equal(0);
    expect((await lstat(config())).uid).to.equal(USER);
    expect((await lstat(data(`${PROJECT}.placement.json`))).uid).to.equal(0);
  });

  it('report with doctor what that user cannot use, and give it back with --repair, but follow no link', async () => {
    const [elsewhere, file] = [join(root, 'elsewhere'), join(root, 'file')];
    await mkdir(elsewhere, { recursive: true });
    for (const path of [join(elsewhere, 'inside'), file]) await writeFile(path, 'root', { mode: 0o600 });
    const theirs = [config(), data('portkv.lock'), data(`${PROJECT}_store.json`), data('snapshots.portkv')];
    await mkdir(data('snapshots.portkv'), { mode: 0o700 });
    for (const path of theirs) await chown(path, 0, 0);
    await symlink(elsewhere, data('linked'));
    await symlink(file, data('linked.json'));
    const reported = await runPortkv(['doctor', '--config', config()]);
    for (const path of theirs) expect(reported.out).to.include(`problem: ${path} cannot be used`);
    expect(reported.out).to.include('doctor --repair');
    expect(reported.code).to.equal(1);
    expect(await foreign()).to.have.members([...theirs, data('linked'), data('linked.json')]);
    const mended = await runPortkv(['doctor', '--repair', '--config', config()]);
    for (const path of theirs) expect(mended.out).to.include(`repaired: ${path} can be used`);
    expect(mended.code, mended.out + mended.errors).to.equal(0);
    expect(await foreign()).to.have.members([data('linked'), data('linked.json')]);
    for (const path of [elsewhere, join(elsewhere, 'inside'), file]) expect((await lstat(path)).uid).to.equal(0);
    await run('rm', [data('linked'), data('linked.json')]);
    await serveOnce();
  });

  it('do not give away a file that has another name elsewhere', async () => {
    const file = join(root, 'named-twice');
    await writeFile(file, 'root', { mode: 0o600 });
    await link(file, data('other.json'));
    const { code, out } = await runPortkv(['doctor', '--repair', '--config', config()]);
    expect(out).to.include(`${data('other.json')} has other names`);
    expect(code).to.equal(1);
    expect((await lstat(file)).uid).to.equal(0);
  });

  it('mend nothing while a server runs', async () => {
    const server = new PortkvProcess(folder);
    await server.ready();
    await chown(data(`${PROJECT}_store.json`), 0, 0);
    expect((await runPortkv(['doctor', '--repair', '--config', config()])).code).to.equal(3);
    expect(await foreign()).to.have.length(1);
    server.kill('SIGTERM');
    await server.end();
  });

  it('are advised to another user that cannot use the data', async () => {
    const { stderr } = await run('setpriv', ['--version']).catch(() => ({ stderr: 'missing' }));
    if (stderr === 'missing') return;
    await chown(data(), 0, 0);
    const asUser = ['--reuid', String(USER), '--regid', String(USER), '--clear-groups', process.execPath];
    const failed: { stderr: string; code: number } = await run('setpriv', [
      ...asUser,
      'bin/portkv.js',
      'export',
      PROJECT,
      '--config',
      config(),
    ]).catch((error) => error);
    expect(failed.stderr).to.include('It belongs to root: run sudo -u root portkv');
    expect(failed.stderr.trim().split('\n')).to.have.length(1);
    expect(failed.code).to.equal(1);
  });
});
